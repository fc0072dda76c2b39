import { describe, expect, it } from "vitest";
import * as f from "./format";

describe("numbers", () => {
  it("shows what is not known as a dash, never as 0", () => {
    for (const format of [f.count, f.short, f.rate, f.micros, f.millis, f.seconds, f.bytes, f.price, f.share])
      expect([format(null), format(undefined)]).toEqual(["–", "–"]);
  });

  it("keeps three figures of large and small numbers", () => {
    expect([0, 0.123, 1, 9.994, 12.34, 123.4, 999.6].map(f.short)).toEqual([
      "0", "0.12", "1", "9.99", "12.3", "123", "1k",
    ]);
    expect([1234, 12_345, 999_950, 1_234_567, 7e9].map(f.short)).toEqual([
      "1.23k", "12.3k", "1M", "1.23M", "7G",
    ]);
  });

  it("changes units where the next one begins", () => {
    expect([1, 999.4, 1000, 999_499, 1e6].map(f.micros)).toEqual([
      "1 µs", "999 µs", "1 ms", "999 ms", "1 s",
    ]);
    expect([0, 999, 1000, 61_000].map(f.millis)).toEqual([
      "0 ms", "999 ms", "1.0 s", "1 min 1 s",
    ]);
    expect([0, 59, 60, 3599, 3600, 90_000].map(f.seconds)).toEqual([
      "0 s", "59 s", "1 min", "59 min 59 s", "1 h", "1 d 1 h",
    ]);
    expect([0, 1023, 1024, 1536, 5 * 2 ** 30].map(f.bytes)).toEqual([
      "0 B", "1023 B", "1 KiB", "1.5 KiB", "5 GiB",
    ]);
  });

  it("shows prices with the decimals that are stored", () => {
    expect([1, 59.5, 399.618, 0.0001, 1234.5].map(f.price)).toEqual([
      "1.00", "59.50", "399.618", "0.0001", "1,234.50",
    ]);
  });

  it("tells a change with its sign, and none without a price before", () => {
    expect(f.change(102, 100)).toBe("+2.00 %");
    expect(f.change(99, 100)).toBe("−1.00 %");
    expect(f.change(100, 100)).toBe("0.00 %");
    expect(f.change(100, null)).toBe("–");
    expect(f.change(100, 0)).toBe("–");
  });
});

describe("times", () => {
  it("puts bars on New York's clocks, in winter and in summer", () => {
    expect(f.newYork("2020-11-02T14:30:00Z")).toBe("2020-11-02 09:30");
    expect(f.newYork("2020-07-01T13:30:00Z")).toBe("2020-07-01 09:30");
    expect(f.newYork("2020-11-02T05:00:00Z")).toBe("2020-11-02 00:00");
    expect(f.newYorkSeconds("2020-11-02T14:31:07Z")).toBe(
      Date.UTC(2020, 10, 2, 9, 31, 7) / 1000,
    );
    // The night in which summer time ended: 01:30 twice.
    expect(f.newYorkSeconds("2020-11-01T05:30:00Z")).toBe(
      f.newYorkSeconds("2020-11-01T06:30:00Z"),
    );
  });

  it("names the day unless it is today", () => {
    const now = new Date(2026, 4, 3, 12, 0, 0);
    const today = new Date(2026, 4, 3, 9, 5, 7);
    const before = new Date(2026, 4, 2, 9, 5, 7);
    expect(f.clock(today.toISOString(), now.getTime())).toBe("09:05:07");
    expect(f.clock(before.toISOString(), now.getTime())).toBe(
      "2026-05-02 09:05:07",
    );
    expect(f.clock("no time")).toBe("no time");
  });

  it("tells how old something is", () => {
    expect(f.age(1_000, 13_400)).toBe("as of 12 s ago");
  });
});
