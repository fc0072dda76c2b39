const base = "/api/v1/";

export type Query = Record<string, string | number | null | undefined>;

/**
 * An address of the API, each part encoded; empty or absent values of the query
 * are left out, and its keys sorted, so that equal questions have one address.
 */
export function apiPath(parts: (string | number)[], query: Query = {}): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encodeURIComponent(value as string)}`);
  return (
    base +
    parts.map((x) => encodeURIComponent(x)).join("/") +
    (pairs.length ? `?${pairs.join("&")}` : "")
  );
}
