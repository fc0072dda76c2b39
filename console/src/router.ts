// Pages are told apart behind the address's "#": the server needs to know none
// of them, and a link to a page can be passed on.
import { useEffect, useState } from "preact/hooks";

export interface Route {
  parts: string[];
  query: URLSearchParams;
}

function decoded(x: string): string {
  try {
    return decodeURIComponent(x);
  } catch {
    return x; // a stray "%" stands for itself
  }
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  return {
    parts: path.split("/").filter(Boolean).map(decoded),
    query: new URLSearchParams(query),
  };
}

export type RouteQuery = Record<string, string | null | undefined>;

export function href(parts: (string | number)[], query: RouteQuery = {}): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value) pairs.set(key, value);
  const text = pairs.toString();
  return (
    "#/" +
    parts.map((x) => encodeURIComponent(x)).join("/") +
    (text ? `?${text}` : "")
  );
}

export function go(to: string): void {
  location.hash = to;
}

/** Changes the query of this page without a step in the history. */
export function setQuery(changes: RouteQuery): void {
  const { parts, query } = parseRoute(location.hash);
  const next = { ...Object.fromEntries(query), ...changes };
  history.replaceState(null, "", href(parts, next));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return parseRoute(hash);
}
