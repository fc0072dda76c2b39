import { describe, expect, it } from "vitest";
import type { Bar } from "../api/types";
import { merged, ofBar, ofWindow, spans, withHoles } from "./points";

const bar = (minute: number, close = 1, session: Bar["session"] = "regular") =>
  ofBar({
    start: new Date(Date.UTC(2020, 10, 2, 14, 30 + minute)).toISOString(),
    session,
    open: 1,
    high: 2,
    low: 1,
    close,
    volume: 10,
    revision: 1,
    suspect: false,
  });

describe("merged", () => {
  it("takes the newer of two with one start and keeps the order of time", () => {
    const x = merged([bar(0), bar(2), bar(1)], [bar(1, 9), bar(3)]);
    expect(x.map((y) => y.close)).toEqual([1, 9, 1, 1]);
    expect(x.map((y) => y.time)).toEqual(x.map((y) => y.time).sort());
  });
});

describe("withHoles", () => {
  const gap = (from: number, to: number) => ({
    symbol: "A",
    from: bar(from).start,
    to: bar(to).start,
    bars: to - from,
  });

  it("puts one hole for each missing bar between the first and the last", () => {
    const x = withHoles([bar(0), bar(4)], [gap(1, 4)], 60);
    expect(x.length).toBe(5);
    expect(spans(x)).toEqual([{ first: 1, last: 3, kind: "gap" }]);
  });

  it("has no hole where a bar has come meanwhile, nor outside the points", () => {
    const x = withHoles([bar(0), bar(2), bar(3)], [gap(1, 9)], 60);
    expect(spans(x)).toEqual([{ first: 1, last: 1, kind: "gap" }]);
  });

  it("ends for an interval that is not known", () => {
    expect(withHoles([bar(0), bar(4)], [gap(1, 4)], 0).length).toBe(2);
  });
});

describe("spans", () => {
  it("shades runs outside the regular session, each kind on its own", () => {
    const x = [
      bar(0, 1, "pre"),
      bar(1, 1, "pre"),
      bar(2),
      bar(3, 1, "post"),
      bar(4, 1, "pre"),
    ];
    expect(spans(x)).toEqual([
      { first: 0, last: 1, kind: "pre" },
      { first: 3, last: 3, kind: "post" },
      { first: 4, last: 4, kind: "pre" },
    ]);
  });
});

describe("ofWindow", () => {
  it("marks a window that is not final as unfinished", () => {
    const window = {
      start: "2020-11-02T14:30:00Z",
      end: "2020-11-02T14:45:00Z",
      session: "regular" as const,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 1,
      vwap: 1,
      bars: 3,
      expected_bars: 15,
      revision: 0,
      final: false,
    };
    expect(ofWindow(window).unfinished).toBe(true);
    expect(ofWindow({ ...window, final: true }).unfinished).toBe(false);
  });
});
