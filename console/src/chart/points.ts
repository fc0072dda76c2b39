// Bars and windows as points of a chart: pure, so that it can be tested.
import type { Bar, Gap, Window } from "../api/types";
import { newYorkSeconds } from "../format";

export interface Point {
  start: string;
  /** Seconds on New York's clocks, as newYorkSeconds() gives them. */
  time: number;
  session: "pre" | "regular" | "post";
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
  revision: number;
  suspect: boolean;
  /** Of a window: it is not over yet. */
  unfinished: boolean;
}

/** A bar that should be there and is not. */
export interface Hole {
  time: number;
}

export const isPoint = (x: Point | Hole): x is Point => "close" in x;

export function ofBar(x: Bar): Point {
  return { ...x, time: newYorkSeconds(x.start), unfinished: false };
}

export function ofWindow(x: Window): Point {
  return {
    start: x.start,
    time: newYorkSeconds(x.start),
    session: x.session,
    open: x.open,
    high: x.high,
    low: x.low,
    close: x.close,
    volume: x.volume,
    revision: x.revision,
    suspect: false,
    unfinished: !x.final,
  };
}

/** Both, ordered by time; of two with one time the newer one's. */
export function merged(
  older: readonly Point[],
  newer: readonly Point[],
): Point[] {
  const all = new Map<number, Point>();
  for (const x of older) all.set(x.time, x);
  for (const x of newer) all.set(x.time, x);
  return [...all.values()].sort((a, b) => a.time - b.time);
}

/** One hole for each bar that is missing among the points' times. */
export function withHoles(
  points: readonly Point[],
  gaps: readonly Gap[],
  interval_s: number,
): (Point | Hole)[] {
  if (!points.length || interval_s <= 0) return [...points];
  const taken = new Set(points.map((x) => x.time));
  const first = points[0].time;
  const last = points[points.length - 1].time;
  const holes: Hole[] = [];
  for (const gap of gaps) {
    const end = newYorkSeconds(gap.to);
    for (let t = newYorkSeconds(gap.from); t < end; t += interval_s)
      if (t > first && t < last && !taken.has(t)) {
        taken.add(t);
        holes.push({ time: t });
      }
  }
  return [...points, ...holes].sort((a, b) => a.time - b.time);
}

export interface Span {
  /** Positions of the first and last point. */
  first: number;
  last: number;
  kind: "pre" | "post" | "gap";
}

/** Runs of points outside the regular session, and of holes. */
export function spans(points: readonly (Point | Hole)[]): Span[] {
  const result: Span[] = [];
  points.forEach((x, i) => {
    const kind = isPoint(x) ? x.session : "gap";
    if (kind === "regular") return;
    const last = result.at(-1);
    if (last && last.kind === kind && last.last === i - 1) last.last = i;
    else result.push({ first: i, last: i, kind });
  });
  return result;
}

/** What VWAP begins anew with: day and session in New York. */
export function sessionOf(x: Point): string {
  return `${Math.floor(x.time / 86_400)} ${x.session}`;
}
