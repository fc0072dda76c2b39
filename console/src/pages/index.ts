import { lazy, type Page } from "./lazy";
import { Actors } from "./actors";
import { ActorPage } from "./actor";
import { Alerts } from "./alerts";
import { Audit } from "./audit";
import { BudgetPage } from "./budget";
import { DeadLetterPage } from "./dead_letter";
import { DeadLetters } from "./dead_letters";
import { Licences } from "./licences";
import { Logs } from "./logs";
import { NodesPage } from "./nodes";
import { OverviewPage } from "./overview";
import { Tickers } from "./tickers";
import { TracePage } from "./trace";
import type { IconName } from "../ui/icons";

export interface PageEntry {
  name: string;
  title: string;
  group: "Pipeline" | "Market" | "Records" | null;
  icon: IconName;
  /** Goes there after "g". */
  letter?: string;
  list: Page;
  /** Of one of the things listed. */
  one?: Page;
}

// Charts and the graph's layout are large, and only these pages need them.
const Ticker = lazy(() => import("./ticker").then((x) => x.TickerPage));
const Flow = lazy(() => import("./flow").then((x) => x.FlowPage));

/** All pages, in the order of the menu. */
export const pages: readonly PageEntry[] = [
  { name: "overview", title: "Overview", group: "Pipeline", icon: "overview", letter: "o", list: OverviewPage },
  { name: "actors", title: "Actors", group: "Pipeline", icon: "actors", letter: "a", list: Actors, one: ActorPage },
  { name: "flow", title: "Message flow", group: "Pipeline", icon: "flow", letter: "f", list: Flow },
  { name: "nodes", title: "Nodes and shards", group: "Pipeline", icon: "nodes", letter: "n", list: NodesPage },
  { name: "tickers", title: "Tickers", group: "Market", icon: "tickers", letter: "t", list: Tickers, one: Ticker },
  { name: "trace", title: "Trace", group: "Market", icon: "trace", letter: "r", list: TracePage, one: TracePage },
  { name: "budget", title: "Budget and plan", group: "Market", icon: "budget", letter: "b", list: BudgetPage },
  { name: "alerts", title: "Alerts", group: "Records", icon: "alerts", letter: "e", list: Alerts },
  { name: "dead-letters", title: "Dead letters", group: "Records", icon: "letters", letter: "d", list: DeadLetters, one: DeadLetterPage },
  { name: "logs", title: "Logs", group: "Records", icon: "logs", letter: "l", list: Logs },
  { name: "audit", title: "Audit", group: "Records", icon: "audit", letter: "u", list: Audit },
  { name: "licences", title: "Licences", group: null, icon: "info", list: Licences },
];
