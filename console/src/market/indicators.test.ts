import { describe, expect, it } from "vitest";
import { bollinger, ema, macd, rsi, sma, vwap } from "./indicators";

const near = (x: (number | null)[]) =>
  x.map((y) => (y === null ? null : Math.round(y * 1e6) / 1e6));

describe("moving averages", () => {
  it("has no simple average before n values, then that of the last n", () => {
    // (1+2+3)/3, (2+3+7)/3, (3+7+5)/3
    expect(sma([1, 2, 3, 7, 5], 3)).toEqual([null, null, 2, 4, 5]);
  });

  it("begins an exponential average with the simple one", () => {
    // weight 2/4: 2; 2 + (7-2)/2 = 4.5; 4.5 + (5-4.5)/2 = 4.75
    expect(ema([1, 2, 3, 7, 5], 3)).toEqual([null, null, 2, 4.5, 4.75]);
  });

  it("gives nulls alone for fewer values than it needs", () => {
    expect(sma([1, 2], 3)).toEqual([null, null]);
    expect(ema([], 3)).toEqual([]);
  });
});

describe("Bollinger bands", () => {
  it("lie k standard deviations of the population around the average", () => {
    // of 2, 4, 4, 4, 5, 5, 7, 9: mean 5, deviation 2
    const bands = bollinger([2, 4, 4, 4, 5, 5, 7, 9], 8, 2);
    expect(bands.middle[7]).toBe(5);
    expect(bands.upper[7]).toBe(9);
    expect(bands.lower[7]).toBe(1);
    expect(bands.upper.slice(0, 7)).toEqual(Array(7).fill(null));
  });

  it("has no width where nothing changes", () => {
    const bands = bollinger([3, 3, 3, 3], 3, 2);
    expect(bands.upper).toEqual([null, null, 3, 3]);
    expect(bands.lower).toEqual([null, null, 3, 3]);
  });
});

describe("RSI", () => {
  it("averages the first n changes, then smooths as Wilder did", () => {
    // changes +1 +1 -1 | +2 | -1. n = 3: gain 2/3, loss 1/3 -> 66.666667;
    // gain (2/3*2 + 2)/3 = 10/9, loss (1/3*2)/3 = 2/9 -> 1000/12 = 83.333333;
    // gain 20/27, loss (4/9 + 1)/3 = 13/27 -> 2000/33 = 60.606061
    expect(near(rsi([10, 11, 12, 11, 13, 12], 3))).toEqual([
      null,
      null,
      null,
      66.666667,
      83.333333,
      60.606061,
    ]);
  });

  it("is 100 without a loss, 0 without a gain and 50 without a change", () => {
    expect(rsi([1, 2, 3, 4], 3)[3]).toBe(100);
    expect(rsi([4, 3, 2, 1], 3)[3]).toBe(0);
    expect(rsi([2, 2, 2, 2], 3)[3]).toBe(50);
  });

  it("matches the published example of Wilder's method", () => {
    // StockCharts' ChartSchool, 14 periods, QQQQ: 70.53, 66.32, 66.55
    const closes = [
      44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245,
      45.8433, 46.0826, 45.8931, 46.0328, 45.614, 46.282, 46.282, 46.0028,
      46.0328,
    ];
    const values = rsi(closes, 14);
    expect(values[13]).toBeNull();
    expect(values[14]).toBeCloseTo(70.53, 2);
    expect(values[15]).toBeCloseTo(66.32, 2);
    expect(values[16]).toBeCloseTo(66.55, 2);
  });
});

describe("MACD", () => {
  it("is the difference of two averages, and its own average", () => {
    // EMA 2 of 1 2 4 8 16: -, 1.5, 19/6, 115/18, 691/54 (weight 2/3)
    // EMA 3:               -, -, 7/3, 31/6, 127/12 (weight 1/2)
    // line: 5/6, 11/9, 239/108; signal (2): -, 37/36, 37/36 + 2/3 * (239/108 - 37/36)
    const x = macd([1, 2, 4, 8, 16], 2, 3, 2);
    expect(near(x.line)).toEqual([null, null, 0.833333, 1.222222, 2.212963]);
    expect(near(x.signal)).toEqual([null, null, null, 1.027778, 1.817901]);
    expect(near(x.histogram)).toEqual([null, null, null, 0.194444, 0.395062]);
  });
});

describe("VWAP", () => {
  const bar = (session: string, price: number, volume: number | null) => ({
    session,
    high: price + 1,
    low: price - 1,
    close: price,
    volume,
  });

  it("weighs typical prices by volume and begins anew with each session", () => {
    // (10*100 + 20*300) / 400 = 17.5; then 30 alone; (30*10 + 40*30) / 40
    expect(
      vwap([
        bar("a", 10, 100),
        bar("a", 20, 300),
        bar("b", 30, 10),
        bar("b", 40, 30),
      ]),
    ).toEqual([10, 17.5, 30, 37.5]);
  });

  it("is not known until something was traded", () => {
    expect(vwap([bar("a", 10, 0), bar("a", 12, null), bar("a", 20, 5)])).toEqual(
      [null, null, 20],
    );
  });
});
