// Order and visible part of a table: pure, so that both can be tested.

export type Sortable = string | number | boolean | null | undefined;

export interface Sorting {
  key: string;
  descending: boolean;
}

const texts = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(a: Sortable, b: Sortable): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return texts.compare(String(a), String(b));
}

/** A sorted copy; equal rows keep their order, unknown values come last. */
export function sorted<T>(
  rows: readonly T[],
  value: (row: T) => Sortable,
  descending: boolean,
): T[] {
  const keyed = rows.map((row, index) => ({ row, index, key: value(row) }));
  const unknown = (x: Sortable) => x === null || x === undefined;
  keyed.sort((a, b) => {
    if (unknown(a.key) || unknown(b.key))
      return (
        Number(unknown(a.key)) - Number(unknown(b.key)) || a.index - b.index
      );
    const order = compare(a.key, b.key);
    return (descending ? -order : order) || a.index - b.index;
  });
  return keyed.map((x) => x.row);
}

export interface Visible {
  first: number;
  end: number;
  above_px: number;
  below_px: number;
}

/** Which rows of equal height a scrolled box has to show, some more around. */
export function visibleRows(
  scrolled_px: number,
  box_px: number,
  row_px: number,
  total: number,
  around = 8,
): Visible {
  const first = Math.max(
    0,
    Math.min(total, Math.floor(scrolled_px / row_px)) - around,
  );
  const shown = Math.ceil(box_px / row_px) + 2 * around;
  const end = Math.min(total, first + shown);
  return {
    first,
    end,
    above_px: first * row_px,
    below_px: (total - end) * row_px,
  };
}

/** Whether all words of `query` occur in the text, in any order. */
export function matches(text: string, query: string): boolean {
  const lower = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
