import { describe, expect, it } from "vitest";
import { matches, sorted, visibleRows } from "./sort";

describe("sorted", () => {
  const by = (rows: (number | string | null)[], descending = false) =>
    sorted(rows, (x) => x, descending);

  it("orders numbers by size and texts by the numbers in them", () => {
    expect(by([10, 9, 100])).toEqual([9, 10, 100]);
    expect(by(["shard=10", "shard=9"])).toEqual(["shard=9", "shard=10"]);
  });

  it("puts what is not known last, whatever the direction", () => {
    expect(by([null, 2, 1])).toEqual([1, 2, null]);
    expect(by([null, 2, 1], true)).toEqual([2, 1, null]);
  });

  it("keeps the order of equal rows in both directions", () => {
    const rows = [
      { id: 1, x: 5 },
      { id: 2, x: 5 },
      { id: 3, x: 4 },
    ];
    const ids = (descending: boolean) =>
      sorted(rows, (r) => r.x, descending).map((r) => r.id);
    expect(ids(false)).toEqual([3, 1, 2]);
    expect(ids(true)).toEqual([1, 2, 3]);
  });
});

describe("visibleRows", () => {
  it("holds as many rows as can be seen, however many there are", () => {
    for (const total of [100, 10_000, 1_000_000]) {
      const x = visibleRows(1600, 640, 32, total, 8);
      expect([x.first, x.end]).toEqual([42, 78]);
    }
  });

  it("keeps the height of all rows", () => {
    for (const scrolled of [0, 999, 319_000, 1e9]) {
      const x = visibleRows(scrolled, 640, 32, 10_000);
      const shown = (x.end - x.first) * 32;
      expect(x.above_px + shown + x.below_px).toBe(320_000);
      expect(x.end).toBeGreaterThan(x.first);
    }
  });

  it("has nothing to show of nothing", () => {
    expect(visibleRows(500, 640, 32, 0)).toEqual({
      first: 0,
      end: 0,
      above_px: 0,
      below_px: 0,
    });
  });
});

describe("matches", () => {
  it("asks for all words in any order and any case", () => {
    expect(matches("aggregator shard=3 worker-1", "WORKER aggre")).toBe(true);
    expect(matches("aggregator shard=3 worker-1", "worker-2")).toBe(false);
    expect(matches("anything", "")).toBe(true);
  });
});
