import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, get } from "../api/client";
import { apiPath } from "../api/path";
import type { Bars, Problem, Width, Windows } from "../api/types";
import { useConnection, useLive } from "../api/use";
import { merged, ofBar, ofWindow, type Point } from "./points";

/** "bars", or the width of windows. */
export type View = "bars" | Width;

const page = 1000;
const tail = 30;

type Answer = Bars | Windows;

const pointsOf = (x: Answer): Point[] =>
  "bars" in x ? x.bars.map(ofBar) : x.windows.map(ofWindow);

export function candlePath(
  symbol: string,
  view: View,
  regular: boolean,
  query: Record<string, string | number>,
): string {
  return view === "bars"
    ? apiPath(["tickers", symbol, "bars"], query)
    : apiPath(["tickers", symbol, "windows"], {
        width: view,
        session: regular ? "regular" : null,
        ...query,
      });
}

export interface CandleSource {
  points: Point[];
  loaded: boolean;
  error: Problem | null;
  at: number;
  /** Fetches what is before the oldest point, if there is something. */
  older: () => void;
}

/**
 * The newest 1,000 points and more on request, the last of them live. Asked
 * anew after each loss of the connection, which may have hidden some.
 */
export function useCandles(
  symbol: string,
  view: View,
  regular: boolean,
): CandleSource {
  const [points, setPoints] = useState<Point[]>([]);
  const [loaded, setLoaded] = useState(false);
  const [error, setError] = useState<Problem | null>(null);
  const busy = useRef(false);
  const complete = useRef(false);
  const connected = useConnection().state === "open";
  const live = useLive<Answer>(
    candlePath(symbol, view, regular, { limit: tail }),
  );
  const only = (x: Point[]) =>
    regular ? x.filter((y) => y.session === "regular") : x;

  useEffect(() => {
    let current = true;
    complete.current = false;
    get<Answer>(candlePath(symbol, view, regular, { limit: page }))
      .then((x) => {
        if (!current) return;
        const news = only(pointsOf(x));
        setPoints((old) => (loaded ? merged(old, news) : news));
        setError(null);
      })
      .catch((reason: unknown) => current && setError(asProblem(reason)))
      .finally(() => current && setLoaded(true));
    return () => {
      current = false;
    };
  }, [connected]);

  useEffect(() => {
    if (live.data && loaded)
      setPoints((old) => merged(old, only(pointsOf(live.data!))));
  }, [live.data, loaded]);

  const older = () => {
    if (busy.current || complete.current || !points.length) return;
    busy.current = true;
    const to = points[0].start;
    get<Answer>(candlePath(symbol, view, regular, { limit: page, to }))
      .then((x) => {
        const before = pointsOf(x).filter((y) => y.start < to);
        complete.current = before.length === 0;
        if (before.length) setPoints((old) => merged(only(before), old));
      })
      .catch((reason: unknown) => setError(asProblem(reason)))
      .finally(() => {
        busy.current = false;
      });
  };
  return { points, loaded, error: error ?? live.error, at: live.at, older };
}
