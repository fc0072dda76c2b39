import { apiPath } from "../api/path";
import type { Gap, Items, Ticker } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { href, setQuery } from "../router";
import { NodeLink } from "../ui/links";
import {
  Awaited,
  Badge,
  Card,
  Empty,
  Fact,
  PageHead,
  Segments,
  Stale,
} from "../ui/parts";
import { useCandles, type View } from "../chart/use_candles";
import { PauseButton } from "./actions";
import type { PageProps } from "./lazy";
import { Chart } from "./ticker_chart";
import { PointTable } from "./ticker_points";

const views = [
  ["bars", "Bars"],
  ["15m", "15m"],
  ["30m", "30m"],
  ["1h", "1h"],
  ["1d", "1d"],
  ["1w", "1w"],
] as const;

export function TickerPage({ parts, query }: PageProps) {
  const symbol = parts[0] ?? "";
  const answer = useLive<Ticker>(apiPath(["tickers", symbol]));
  const gaps = useLive<Items<Gap>>(apiPath(["gaps"], { symbol, limit: 1000 }));
  const view = (query.get("view") ?? "bars") as View;
  // A day before and after the regular session would be a candle each.
  const wide = view === "1d" || view === "1w";
  const hours = query.get("hours") ?? (wide ? "regular" : "all");
  return (
    <>
      <nav class="small" aria-label="Way here">
        <a href={href(["tickers"])}>Tickers</a> / {symbol}
      </nav>
      <Awaited answer={answer}>{(x) => <Head x={x} at={answer.at} />}</Awaited>
      <div class="row">
        <Segments
          label="Bars or windows"
          value={view}
          options={views}
          onChoose={(x) => setQuery({ view: x, hours: null })}
        />
        <Segments
          label="Hours"
          value={hours}
          options={[
            ["all", "All hours"],
            ["regular", "Regular"],
          ]}
          onChoose={(x) => setQuery({ hours: x })}
        />
      </div>
      <Prices
        key={`${symbol} ${view} ${hours}`}
        symbol={symbol}
        view={view}
        regular={hours === "regular"}
        interval_s={answer.data?.interval_s ?? 60}
        gaps={gaps.data?.items ?? []}
      />
      <Card title="Gaps" flush>
        <Awaited answer={gaps}>{({ items }) => <Gaps gaps={items} />}</Awaited>
      </Card>
    </>
  );
}

function Head({ x, at }: { x: Ticker; at: number }) {
  const before = x.previous_close;
  const rising = (x.last_close ?? 0) >= (before ?? 0);
  return (
    <>
      <PageHead title={x.symbol}>
        <Stale at={at} />
        <Badge
          level={x.paused ? "info" : x.level}
          text={x.paused ? "paused" : x.freshness}
        />
        <PauseButton symbol={x.symbol} />
        <a class="button" href={href(["trace", x.symbol])}>
          Trace
        </a>
      </PageHead>
      <Card>
        <dl class="facts">
          <Fact name="Close">
            {f.price(x.last_close)}{" "}
            {before != null && x.last_close != null && (
              <span class={`${rising ? "up" : "down"} small nowrap`}>
                {rising ? "▲" : "▼"} {f.change(x.last_close, before)}
              </span>
            )}
          </Fact>
          <Fact name="Previous close">{f.price(before)}</Fact>
          <Fact name="Last bar, New York">{f.newYork(x.last_bar)}</Fact>
          <Fact name="Late">{x.late_s ? f.seconds(x.late_s) : "no"}</Fact>
          <Fact name="Missing, 5 sessions">{f.count(x.gaps)}</Fact>
          <Fact name="Corrected, 5 sessions">{f.count(x.revisions)}</Fact>
          <Fact name="Interval">{f.seconds(x.interval_s)}</Fact>
          <Fact name="Shard, node">
            {x.shard}, {x.node ? <NodeLink node={x.node} /> : "nobody"}
          </Fact>
          <Fact name="Fetcher">{x.fetcher}</Fact>
        </dl>
      </Card>
    </>
  );
}

function Prices(props: {
  symbol: string;
  view: View;
  regular: boolean;
  interval_s: number;
  gaps: Gap[];
}) {
  const source = useCandles(props.symbol, props.view, props.regular);
  return (
    <>
      <Awaited
        answer={{
          data: source.loaded && source.points.length ? source : null,
          error:
            source.error ??
            (source.loaded && !source.points.length
              ? {
                  type: "about:blank",
                  title: "No bars yet",
                  status: 404,
                  detail: "nothing is stored for this choice",
                }
              : null),
        }}
      >
        {() => <Chart {...props} source={source} />}
      </Awaited>
      {source.points.length > 0 && <PointTable points={source.points} />}
    </>
  );
}

function Gaps({ gaps }: { gaps: readonly Gap[] }) {
  if (!gaps.length)
    return <Empty>No bar is missing in regular sessions.</Empty>;
  return (
    <ul class="plain-list scrolled" tabIndex={0} aria-label="Gaps">
      {gaps.map((x) => (
        <li key={x.from}>
          <span class="grow">
            {f.newYork(x.from)} to {f.newYork(x.to)}
          </span>
          <span class="muted">{f.plural(x.bars, "bar")}</span>
        </li>
      ))}
    </ul>
  );
}
