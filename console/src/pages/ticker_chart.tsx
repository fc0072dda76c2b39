import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Gap } from "../api/types";
import { Candles, studies, type Reading, type Study } from "../chart/candles";
import { withHoles } from "../chart/points";
import {
  candlePath,
  type CandleSource,
  type View,
} from "../chart/use_candles";
import * as f from "../format";
import { Icon } from "../ui/icons";
import { Card, Stale } from "../ui/parts";
import { useTheme } from "../ui/theme";

const stored = "tickerflow.studies";

function storedStudies(): ReadonlySet<Study> {
  let names: string[] = ["vwap"];
  try {
    names = localStorage.getItem(stored)?.split(" ") ?? names;
  } catch {
    // Storage is forbidden: the default.
  }
  return new Set(names.filter((x): x is Study => x in studies));
}

export function Chart(props: {
  symbol: string;
  view: View;
  regular: boolean;
  interval_s: number;
  gaps: readonly Gap[];
  source: CandleSource;
}) {
  const { symbol, view, source } = props;
  const [chosen, setChosen] = useState(storedStudies);
  const [reading, setReading] = useState<Reading | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Candles | null>(null);
  const range = useRef<{ from: number; to: number } | null>(null);
  const older = useRef(source.older);
  older.current = source.older;
  const theme = useTheme();
  const points = useMemo(
    // Windows are as wide as they are: a gap in them is no window.
    () =>
      view === "bars"
        ? withHoles(source.points, props.gaps, props.interval_s)
        : source.points,
    [source.points, props.gaps, props.interval_s, view],
  );
  const names = [...chosen].sort().join(" ");

  useEffect(() => {
    const made = new Candles(box.current!, chosen, setReading, () =>
      older.current(),
    );
    chart.current = made;
    made.set(points);
    made.range = range.current;
    return () => {
      range.current = made.range;
      chart.current = null;
      made.remove();
    };
  }, [theme, names]);

  useEffect(() => chart.current?.set(points), [points]);

  const toggle = (x: Study) => {
    const next = new Set(chosen);
    if (!next.delete(x)) next.add(x);
    setChosen(next);
    try {
      localStorage.setItem(stored, [...next].join(" "));
    } catch {
      // Storage is forbidden: it holds for this page alone.
    }
  };

  const savePicture = () => {
    chart.current?.picture().toBlob((blob) => {
      if (!blob) return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${symbol}-${view}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  };

  const below = Number(chosen.has("rsi")) + Number(chosen.has("macd"));
  const last = source.points.at(-1);
  return (
    <Card flush>
      <header class="filters chart-head">
        <div class="row" role="group" aria-label="Overlays and panes">
          {Object.entries(studies).map(([name, title]) => (
            <button
              key={name}
              type="button"
              class="button chip"
              aria-pressed={chosen.has(name as Study)}
              onClick={() => toggle(name as Study)}
            >
              {title}
            </button>
          ))}
        </div>
        <span class="grow" />
        <Stale at={source.at} />
        <button type="button" class="button" onClick={savePicture}>
          <Icon name="download" size={14} /> PNG
        </button>
        <a
          class="button"
          href={candlePath(symbol, view, props.regular, {
            limit: 50_000,
            format: "csv",
          })}
          download={`${symbol}-${view}.csv`}
        >
          <Icon name="download" size={14} /> CSV
        </a>
      </header>
      <Legend reading={reading ?? chart.current?.newest() ?? null} />
      <div
        class={`chart panes-${below}`}
        ref={box}
        tabIndex={0}
        role="img"
        aria-label={
          `${symbol}, ${view === "bars" ? "bars" : `${view} windows`}` +
          (last ? `, last close ${f.price(last.close)}` : "") +
          ". Arrow keys move it, plus and minus zoom; the table below has the figures."
        }
        onKeyDown={(event) => {
          if (chart.current?.key(event.key)) event.preventDefault();
        }}
      />
      <Marks view={view} />
    </Card>
  );
}

function Legend({ reading }: { reading: Reading | null }) {
  if (!reading) return <p class="legend">&nbsp;</p>;
  const { point, values } = reading;
  const rising = point.close >= point.open;
  return (
    <p class="legend">
      <strong>{f.newYork(point.start)}</strong>
      <span class="muted">
        {point.session}
        {point.unfinished && ", open"}
        {point.suspect && ", suspect"}
        {point.revision > 0 && `, revision ${point.revision}`}
      </span>
      <span class={rising ? "up" : "down"}>
        O {f.price(point.open)} H {f.price(point.high)} L {f.price(point.low)} C{" "}
        {f.price(point.close)} {f.change(point.close, point.open)}
      </span>
      <span>V {f.short(point.volume)}</span>
      {values.map(([name, value, color]) => (
        <span key={name} style={{ color }}>
          {name} {value === null ? f.unknown : value.toFixed(2)}
        </span>
      ))}
    </p>
  );
}

function Marks({ view }: { view: View }) {
  return (
    <ul class="marks small muted" aria-label="Marks in the chart">
      <li>
        <i class="mark rising" /> rises
      </li>
      <li>
        <i class="mark falling" /> falls
      </li>
      {view !== "bars" && (
        <li>
          <i class="mark unfinished" /> open window
        </li>
      )}
      <li>
        <i class="mark corrected" /> corrected
      </li>
      {view === "bars" && (
        <>
          <li>
            <i class="mark suspect" /> suspect
          </li>
          <li>
            <i class="mark missing" /> missing
          </li>
        </>
      )}
      <li>
        <i class="mark pre" /> pre-market
      </li>
      <li>
        <i class="mark post" /> after hours
      </li>
      <li>times of New York</li>
    </ul>
  );
}
