import { apiPath } from "../api/path";
import type { Ticker, Tickers as Answer } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { href, setQuery } from "../router";
import { NodeLink, TickerLink } from "../ui/links";
import {
  Awaited,
  Badge,
  Card,
  PageHead,
  Search,
  Segments,
  Stale,
} from "../ui/parts";
import { matches } from "../ui/sort";
import { Table, TableFoot, type Column } from "../ui/table";
import type { PageProps } from "./lazy";

const columns: Column<Ticker>[] = [
  {
    key: "symbol",
    title: "Ticker",
    value: (x) => x.symbol,
    cell: (x) => (
      <strong>
        <TickerLink symbol={x.symbol} />
      </strong>
    ),
    width: 110,
  },
  {
    key: "close",
    title: "Close",
    right: true,
    value: (x) => x.last_close,
    cell: (x) => f.price(x.last_close),
    width: 110,
  },
  {
    key: "freshness",
    title: "Freshness",
    value: (x) => (x.paused ? -1 : (x.late_s ?? 0)),
    cell: (x) => (
      <span title={x.freshness}>
        <Badge
          level={x.paused ? "info" : x.level}
          text={x.paused ? "paused" : x.freshness}
        />
      </span>
    ),
  },
  {
    key: "last_bar",
    title: "Last bar, New York",
    value: (x) => x.last_bar,
    cell: (x) => f.newYork(x.last_bar),
    width: 170,
    drop: 2,
  },
  { key: "bars", title: "Bars", right: true, value: (x) => x.bars, cell: (x) => f.count(x.bars), width: 90, drop: 3 },
  { key: "interval", title: "Interval", right: true, value: (x) => x.interval_s, cell: (x) => f.seconds(x.interval_s), width: 90, drop: 1 },
  { key: "fetcher", title: "Fetcher", value: (x) => x.fetcher, cell: (x) => <span title={x.fetcher}>{x.fetcher}</span>, drop: 2 },
  { key: "shard", title: "Shard", right: true, value: (x) => x.shard, cell: (x) => x.shard, width: 74, drop: 1 },
  { key: "node", title: "Node", value: (x) => x.node, cell: (x) => x.node && <NodeLink node={x.node} />, width: 110, drop: 1 },
];

type Which = "all" | "late" | "paused";

export function Tickers({ query }: PageProps) {
  const q = query.get("q") ?? "";
  const which = (query.get("which") ?? "all") as Which;
  const answer = useLive<Answer>(apiPath(["tickers"], { limit: 10_000 }));
  return (
    <>
      <PageHead
        title="Tickers"
        text="What is fetched, and how fresh it is by the calendar of its exchange."
      >
        <Stale at={answer.at} />
        <a class="button" href={href(["trace"])}>
          Trace a bar
        </a>
      </PageHead>
      <Awaited answer={answer}>
        {({ items, total }) => {
          const rows = items.filter(
            (x) =>
              matches(`${x.symbol} ${x.freshness} ${x.node}`, q) &&
              (which === "all" ||
                (which === "paused" ? x.paused : (x.late_s ?? 0) > 0)),
          );
          return (
            <Card flush>
              <header class="filters">
                <Search
                  label="Ticker"
                  value={q}
                  onInput={(x) => setQuery({ q: x })}
                />
                <Segments
                  label="Which"
                  value={which}
                  options={[
                    ["all", "All"],
                    ["late", "Late"],
                    ["paused", "Paused"],
                  ]}
                  onChoose={(x) => setQuery({ which: x === "all" ? null : x })}
                />
              </header>
              <Table
                label="Tickers"
                rows={rows}
                columns={columns}
                rowKey={(x) => x.symbol}
                sorting={{
                  key: query.get("sort") ?? "symbol",
                  descending: query.get("order") === "desc",
                }}
                onSort={(x) =>
                  setQuery({ sort: x.key, order: x.descending ? "desc" : "asc" })
                }
                empty="No ticker matches."
              />
              <TableFoot shown={rows.length} total={total} of="ticker" />
            </Card>
          );
        }}
      </Awaited>
    </>
  );
}
