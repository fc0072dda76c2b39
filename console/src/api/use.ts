// The API for components.
import { useCallback, useEffect, useReducer, useState } from "preact/hooks";
import { asProblem, currentSession, get, ApiError } from "./client";
import { Live, type Answer, type Connection, type Socket } from "./live";
import type { Problem } from "./types";

function liveAddress(): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}/api/v1/live`;
}

export const live = new Live({
  open: () => new WebSocket(liveAddress(), "tickerflow.v1") as Socket,
  // A refused handshake tells a page nothing, so ask for the reason.
  mayRetry: () =>
    currentSession().then(
      () => true,
      (reason: unknown) => !(reason instanceof ApiError && reason.loggedOut),
    ),
});

function useRefresh(): () => void {
  return useReducer((n: number) => n + 1, 0)[1] as () => void;
}

/** Watches a path for as long as the component is shown; null: none. */
export function useLive<T>(path: string | null): Answer<T> {
  const refresh = useRefresh();
  useEffect(
    () => (path === null ? undefined : live.watch(path, refresh)),
    [path],
  );
  return live.last<T>(path ?? "");
}

export function useConnection(): Connection {
  const refresh = useRefresh();
  useEffect(() => live.observe(refresh), []);
  return live.connection;
}

export interface Asked<T> {
  data: T | null;
  error: Problem | null;
  busy: boolean;
  at: number;
  again: () => void;
}

/**
 * Asks once for each path, and every `every_ms` if given. The last answer stays
 * while the next is awaited.
 */
export function useGet<T>(path: string | null, every_ms = 0): Asked<T> {
  const [answer, setAnswer] = useState<Omit<Asked<T>, "again">>({
    data: null,
    error: null,
    busy: path !== null,
    at: 0,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return;
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      setAnswer((x) => ({ ...x, busy: true }));
      get<T>(path)
        .then(
          (data) =>
            current &&
            setAnswer({ data, error: null, busy: false, at: Date.now() }),
          (reason: unknown) =>
            current &&
            setAnswer((x) => ({ ...x, error: asProblem(reason), busy: false })),
        )
        .finally(() => {
          if (current && every_ms) timer = setTimeout(ask, every_ms);
        });
    };
    ask();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [path, every_ms, turn]);
  return { ...answer, again: useCallback(() => setTurn((n) => n + 1), []) };
}

/** The time, renewed every `every_ms`. */
export function useNow(every_ms = 1000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}
