// Indicators over a series of values, oldest first. Each result has the length
// of its input; null where there are not yet enough values.

export type Series = (number | null)[];

/** Simple moving average of the last n values. */
export function sma(values: readonly number[], n: number): Series {
  let sum = 0;
  return values.map((x, i) => {
    sum += x;
    if (i >= n) sum -= values[i - n];
    return i + 1 < n ? null : sum / n;
  });
}

/** Exponential moving average, weight 2 / (n + 1), begun with the SMA. */
export function ema(values: readonly number[], n: number): Series {
  return emaOf(values, n);
}

/** As ema(); leading nulls are passed over. */
function emaOf(values: readonly (number | null)[], n: number): Series {
  const weight = 2 / (n + 1);
  let last: number | null = null;
  let sum = 0;
  let seen = 0;
  return values.map((x) => {
    if (x === null) return null;
    if (last !== null) return (last += weight * (x - last));
    sum += x;
    return ++seen < n ? null : (last = sum / n);
  });
}

export interface Bands {
  middle: Series;
  upper: Series;
  lower: Series;
}

/** SMA and k standard deviations (of the population) around it. */
export function bollinger(values: readonly number[], n = 20, k = 2): Bands {
  const middle = sma(values, n);
  const width = middle.map((mean, i) => {
    if (mean === null) return null;
    let squares = 0;
    // Not by difference: it would lose digits over a long series.
    for (let j = i - n + 1; j <= i; ++j) squares += (values[j] - mean) ** 2;
    return k * Math.sqrt(squares / n);
  });
  const shifted = (sign: number) =>
    middle.map((mean, i) => (mean === null ? null : mean + sign * width[i]!));
  return { middle, upper: shifted(1), lower: shifted(-1) };
}

/**
 * Relative strength index by Wilder's smoothing: the first n changes averaged,
 * then each new one with weight 1 / n. 100 without any loss, 50 without any
 * change.
 */
export function rsi(values: readonly number[], n = 14): Series {
  let gain = 0;
  let loss = 0;
  return values.map((x, i) => {
    if (i === 0) return null;
    const change = x - values[i - 1];
    const up = Math.max(0, change);
    const down = Math.max(0, -change);
    if (i <= n) {
      gain += up / n;
      loss += down / n;
      if (i < n) return null;
    } else {
      gain += (up - gain) / n;
      loss += (down - loss) / n;
    }
    if (gain + loss === 0) return 50;
    return (100 * gain) / (gain + loss);
  });
}

export interface Macd {
  line: Series;
  signal: Series;
  histogram: Series;
}

/** EMA(fast) - EMA(slow), its EMA, and the difference of both. */
export function macd(
  values: readonly number[],
  fast = 12,
  slow = 26,
  smooth = 9,
): Macd {
  const short = ema(values, fast);
  const long = ema(values, slow);
  const line = values.map((_, i) =>
    short[i] === null || long[i] === null ? null : short[i] - long[i],
  );
  const signal = emaOf(line, smooth);
  const histogram = line.map((x, i) =>
    x === null || signal[i] === null ? null : x - signal[i],
  );
  return { line, signal, histogram };
}

export interface Traded {
  /** What it begins anew with, e.g. day and session. */
  session: string;
  high: number;
  low: number;
  close: number;
  volume: number | null;
}

/**
 * Volume-weighted average of the typical price (high + low + close) / 3 since
 * the session began; null as long as nothing was traded in it.
 */
export function vwap(bars: readonly Traded[]): Series {
  let money = 0;
  let shares = 0;
  return bars.map((x, i) => {
    if (i === 0 || x.session !== bars[i - 1].session) money = shares = 0;
    const volume = x.volume ?? 0;
    money += ((x.high + x.low + x.close) / 3) * volume;
    shares += volume;
    return shares ? money / shares : null;
  });
}
