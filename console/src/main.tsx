import { render } from "preact";
import { App } from "./app";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/table.css";
import "./styles/overview.css";
import "./styles/graph.css";
import "./styles/chart.css";
import "./styles/records.css";

render(<App />, document.getElementById("page")!);
