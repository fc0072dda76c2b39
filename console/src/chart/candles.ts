// One chart: candles, volume, overlays and panes below, made anew when the
// choice of them changes.
import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  HistogramSeries,
  LineSeries,
  LineStyle,
  createChart,
  createSeriesMarkers,
  type CandlestickData,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type MouseEventParams,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
  type WhitespaceData,
} from "lightweight-charts";
import { bollinger, ema, macd, rsi, sma, vwap } from "../market/indicators";
import type { Series } from "../market/indicators";
import { token } from "../ui/theme";
import { isPoint, sessionOf, spans, type Hole, type Point } from "./points";
import { Shading } from "./shading";

export const studies = {
  vwap: "VWAP",
  sma: "SMA 20",
  ema: "EMA 50",
  bollinger: "Bollinger 20, 2",
  rsi: "RSI 14",
  macd: "MACD 12, 26, 9",
} as const;

export type Study = keyof typeof studies;

export interface Reading {
  point: Point;
  /** What the studies are there, by name. */
  values: [string, number | null, string][];
}

interface Line {
  name: string;
  color: string;
  pane: number;
  values: (points: readonly Point[]) => Series;
  style?: LineStyle;
  histogram?: boolean;
  level?: number[];
}

const closes = (x: readonly Point[]) => x.map((y) => y.close);

/** What each study draws; colours of tokens are those of the theme. */
function linesOf(chosen: ReadonlySet<Study>): Line[] {
  const muted = token("muted");
  const accent = token("accent");
  const warning = token("warning");
  const ok = token("ok");
  const lines: Line[] = [];
  if (chosen.has("vwap"))
    lines.push({
      name: "VWAP",
      color: warning,
      pane: 0,
      values: (x) => vwap(x.map((y) => ({ ...y, session: sessionOf(y) }))),
    });
  if (chosen.has("sma"))
    lines.push({ name: "SMA", color: accent, pane: 0, values: (x) => sma(closes(x), 20) });
  if (chosen.has("ema"))
    lines.push({ name: "EMA", color: ok, pane: 0, values: (x) => ema(closes(x), 50) });
  if (chosen.has("bollinger"))
    for (const band of ["upper", "middle", "lower"] as const)
      lines.push({
        name: `Bollinger ${band}`,
        color: muted,
        pane: 0,
        style: band === "middle" ? LineStyle.Dotted : LineStyle.Solid,
        values: (x) => bollinger(closes(x))[band],
      });
  let pane = 1;
  if (chosen.has("rsi"))
    lines.push({
      name: "RSI",
      color: accent,
      pane: pane++,
      values: (x) => rsi(closes(x)),
      level: [30, 70],
    });
  if (chosen.has("macd"))
    lines.push(
      { name: "MACD histogram", color: muted, pane, values: (x) => macd(closes(x)).histogram, histogram: true },
      { name: "MACD", color: accent, pane, values: (x) => macd(closes(x)).line },
      { name: "Signal", color: warning, pane, values: (x) => macd(closes(x)).signal },
    );
  return lines;
}

export class Candles {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick">;
  private readonly volume: ISeriesApi<"Histogram">;
  private readonly markers: ISeriesMarkersPluginApi<Time>;
  private readonly shading: Shading;
  private readonly lines: {
    line: Line;
    series: ISeriesApi<"Line"> | ISeriesApi<"Histogram">;
  }[];
  private points: Point[] = [];
  private byTime = new Map<number, number>();
  private series = new Map<string, Series>();
  private shown = false;

  constructor(
    box: HTMLElement,
    chosen: ReadonlySet<Study>,
    onReading: (x: Reading | null) => void,
    onNearStart: () => void,
  ) {
    const line = token("line");
    this.chart = createChart(box, {
      autoSize: true,
      layout: {
        // It would bring a style element of its own, which the policy forbids;
        // the page of licences has the notice.
        attributionLogo: false,
        background: { type: ColorType.Solid, color: token("panel") },
        textColor: token("muted"),
        fontFamily: getComputedStyle(document.body).fontFamily,
        fontSize: 11.5,
        panes: { separatorColor: token("line-strong"), enableResize: true },
      },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { borderColor: line },
      timeScale: {
        borderColor: line,
        timeVisible: true,
        secondsVisible: false,
        rightOffset: 4,
        minBarSpacing: 1,
      },
    });
    this.candles = this.chart.addSeries(CandlestickSeries, {
      upColor: token("up"),
      downColor: token("down"),
      borderUpColor: token("up"),
      borderDownColor: token("down"),
      wickUpColor: token("up"),
      wickDownColor: token("down"),
    });
    this.candles.priceScale().applyOptions({
      scaleMargins: { top: 0.08, bottom: 0.22 },
    });
    this.shading = new Shading({
      pre: `${token("warning")}14`,
      post: `${token("accent")}12`,
      gap: `${token("critical")}2e`,
    });
    this.candles.attachPrimitive(this.shading);
    this.markers = createSeriesMarkers(this.candles, []);
    this.volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.volume.priceScale().applyOptions({
      scaleMargins: { top: 0.82, bottom: 0 },
    });
    this.lines = linesOf(chosen).map((x) => this.add(x));
    const panes = this.chart.panes();
    panes.forEach((x, i) => x.setStretchFactor(i ? 1 : 3.4));
    this.chart.subscribeCrosshairMove((x) => onReading(this.read(x)));
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((x) => {
      if (x && this.shown && x.from < 10) onNearStart();
    });
  }

  private add(line: Line) {
    const options = {
      color: line.color,
      lastValueVisible: false,
      priceLineVisible: false,
    };
    const series = line.histogram
      ? this.chart.addSeries(HistogramSeries, options, line.pane)
      : this.chart.addSeries(
          LineSeries,
          {
            ...options,
            lineWidth: 1,
            lineStyle: line.style ?? LineStyle.Solid,
            crosshairMarkerVisible: false,
          },
          line.pane,
        );
    for (const price of line.level ?? [])
      series.createPriceLine({
        price,
        color: token("line-strong"),
        lineStyle: LineStyle.Dashed,
        lineWidth: 1,
        axisLabelVisible: true,
        title: "",
      });
    return { line, series };
  }

  set(all: readonly (Point | Hole)[]): void {
    this.points = all.filter(isPoint);
    this.byTime = new Map(this.points.map((x, i) => [x.time, i]));
    this.candles.setData(all.map(candle));
    this.volume.setData(this.points.map(volumeBar));
    for (const { line, series } of this.lines) {
      const values = line.values(this.points);
      this.series.set(line.name, values);
      series.setData(
        this.points.map((x, i) => {
          const time = x.time as UTCTimestamp;
          return values[i] === null ? { time } : { time, value: values[i] };
        }),
      );
    }
    const last = this.points.at(-1);
    // An open window's own colour is none.
    if (last)
      this.candles.applyOptions({
        priceLineColor: token(last.close < last.open ? "down" : "up"),
      });
    this.shading.set(spans(all));
    this.markers.setMarkers(this.points.flatMap(marker));
    if (!this.shown && all.length) {
      this.shown = true;
      this.toEnd();
    }
  }

  /** The newest 120 points, or as many as there are. */
  toEnd(): void {
    const n = this.points.length;
    this.chart.timeScale().setVisibleLogicalRange({
      from: Math.max(0, n - 120) - 0.5,
      to: Math.max(n, 30) + 3,
    });
  }

  get range(): { from: number; to: number } | null {
    return this.chart.timeScale().getVisibleLogicalRange();
  }

  set range(x: { from: number; to: number } | null) {
    if (x) this.chart.timeScale().setVisibleLogicalRange(x);
  }

  /** Arrows move, plus and minus zoom. @returns whether the key is one */
  key(name: string): boolean {
    const range = this.range;
    if (!range) return false;
    const width = range.to - range.from;
    const step = width * 0.1;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-step, -step],
      ArrowRight: [step, step],
      "+": [step, -step],
      "-": [-step, step],
    };
    if (name === "End") this.toEnd();
    else if (moves[name])
      this.range = {
        from: range.from + moves[name][0],
        to: range.to + moves[name][1],
      };
    else return false;
    return true;
  }

  private read(x: MouseEventParams): Reading | null {
    const index = x.time === undefined ? undefined : this.byTime.get(+x.time);
    return index === undefined ? null : this.at(index);
  }

  private at(index: number): Reading {
    return {
      point: this.points[index],
      values: this.lines.map(({ line }) => [
        line.name,
        this.series.get(line.name)?.[index] ?? null,
        line.color,
      ]),
    };
  }

  /** What the newest point reads. */
  newest(): Reading | null {
    return this.points.length ? this.at(this.points.length - 1) : null;
  }

  picture(): HTMLCanvasElement {
    return this.chart.takeScreenshot(true);
  }

  remove(): void {
    this.chart.remove();
  }
}

function candle(x: Point | Hole): CandlestickData | WhitespaceData {
  const time = x.time as UTCTimestamp;
  if (!isPoint(x)) return { time };
  const { open, high, low, close } = x;
  // An open window is hollow.
  const color = x.unfinished ? { color: "transparent" } : {};
  return { time, open, high, low, close, ...color };
}

function volumeBar(x: Point) {
  const time = x.time as UTCTimestamp;
  if (x.volume === null) return { time };
  const color = `${token(x.close < x.open ? "down" : "up")}66`;
  return { time, value: x.volume, color };
}

function marker(x: Point): SeriesMarker<Time>[] {
  const time = x.time as UTCTimestamp;
  if (x.suspect)
    return [{ time, position: "aboveBar", shape: "square", color: token("critical"), size: 0.7, text: "?" }];
  if (x.revision > 0)
    return [{ time, position: "aboveBar", shape: "circle", color: token("warning"), size: 0.5 }];
  return [];
}
