import { useState } from "preact/hooks";
import { apiPath } from "../api/path";
import type { Tickers, Trace } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { go, href } from "../router";
import { Icon } from "../ui/icons";
import { TickerLink } from "../ui/links";
import { Awaited, Card, Empty, Meter, PageHead, Stale } from "../ui/parts";
import type { PageProps } from "./lazy";

const names: Record<Trace["steps"][number]["step"], string> = {
  bar_end: "The bar ends",
  fetched: "Fetched from the source",
  published: "Published to Kafka",
  stored: "Stored in PostgreSQL",
  window: "In its window",
};

export function TracePage({ parts, query }: PageProps) {
  const symbol = parts[0] ?? "";
  const start = query.get("start") ?? "";
  return (
    <>
      <PageHead
        title={symbol ? `Trace of ${symbol}` : "Trace"}
        text="One bar's way from fetch to row."
      />
      <Choose symbol={symbol} start={start} />
      {symbol ? (
        <Way symbol={symbol} start={start} />
      ) : (
        <Card>
          <Empty>Choose a ticker; without a time it is its newest bar.</Empty>
        </Card>
      )}
    </>
  );
}

function Choose(props: { symbol: string; start: string }) {
  const tickers =
    useLive<Tickers>("/api/v1/tickers?limit=1000").data?.items ?? [];
  const [symbol, setSymbol] = useState(props.symbol);
  const [start, setStart] = useState(props.start);
  return (
    <form
      class="filters form"
      onSubmit={(event) => {
        event.preventDefault();
        if (symbol.trim())
          go(href(["trace", symbol.trim()], { start: start.trim() }));
      }}
    >
      <label class="field">
        <span>Ticker</span>
        <input
          class="input"
          list="trace-tickers"
          data-search
          required
          autocomplete="off"
          value={symbol}
          onInput={(event) => setSymbol(event.currentTarget.value)}
        />
        <datalist id="trace-tickers">
          {tickers.map((x) => (
            <option key={x.symbol} value={x.symbol} />
          ))}
        </datalist>
      </label>
      <label class="field">
        <span>Start of the bar, UTC (may be empty)</span>
        <input
          class="input mono"
          placeholder="2020-11-02T14:30:00Z"
          autocomplete="off"
          value={start}
          onInput={(event) => setStart(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button primary">
        Trace
      </button>
    </form>
  );
}

function Way({ symbol, start }: { symbol: string; start: string }) {
  const answer = useLive<Trace>(apiPath(["trace", symbol], { start }));
  return (
    <Awaited answer={answer}>
      {(x) => {
        const longest = Math.max(1, ...x.steps.map((y) => y.after_ms ?? 0));
        return (
          <Card
            title={`Bar of ${f.newYork(x.start)}, New York`}
            side={
              <span class="row">
                <Stale at={answer.at} />
                <TickerLink symbol={symbol}>Chart</TickerLink>
              </span>
            }
          >
            <ol class="way">
              {x.steps.map((y) => (
                <li key={y.step} class={y.at ? "done" : ""}>
                  <span class="dot">
                    <Icon name={y.at ? "ok" : "clock"} size={12} />
                  </span>
                  <div>
                    <h3>{names[y.step] ?? y.step}</h3>
                    <p class="muted">{y.text}</p>
                  </div>
                  <div class="right">
                    <p>{f.clock(y.at)}</p>
                    <p class="muted small">
                      {y.after_ms != null && `after ${f.millis(y.after_ms)}`}
                    </p>
                  </div>
                  {y.after_ms != null && (
                    <Meter
                      share={y.after_ms / longest}
                      label="Of the longest step"
                    />
                  )}
                </li>
              ))}
            </ol>
          </Card>
        );
      }}
    </Awaited>
  );
}
