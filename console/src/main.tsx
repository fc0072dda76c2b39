import { render } from "preact";

render(<p>Tickerflow</p>, document.getElementById("page")!);
