// Values as text. null and undefined, "not known", are a dash everywhere.

export type Maybe<T> = T | null | undefined;
export const unknown = "–";

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1,234 */
export function count(x: Maybe<number>): string {
  return x == null ? unknown : grouped.format(x);
}

/** 950, 12.3k, 4.56M: three figures, for narrow places. */
export function short(x: Maybe<number>): string {
  if (x == null) return unknown;
  const size = Math.abs(x);
  for (const [unit, name] of [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    // 999.95k would round to 1000k.
    if (size >= unit * 0.9995) return threeFigures(x / unit) + name;
  }
  return threeFigures(x);
}

function threeFigures(x: number): string {
  const size = Math.abs(x);
  if (size >= 99.95 || x === 0) return x.toFixed(0);
  return x.toFixed(size >= 9.995 ? 1 : 2).replace(/\.?0+$/, "");
}

/** 12.3/s */
export function rate(x: Maybe<number>): string {
  return x == null ? unknown : `${short(x)}/s`;
}

/** 12 µs, 3.4 ms, 1.2 s */
export function micros(x: Maybe<number>): string {
  if (x == null) return unknown;
  if (x < 999.5) return `${threeFigures(x)} µs`;
  if (x < 999_500) return `${threeFigures(x / 1e3)} ms`;
  return `${threeFigures(x / 1e6)} s`;
}

/** 250 ms, 1.2 s, 3 min 4 s, 2 h 5 min, 3 d 4 h */
export function millis(x: Maybe<number>): string {
  if (x == null) return unknown;
  if (x < 1000) return `${Math.round(x)} ms`;
  if (x < 9_950) return `${(x / 1000).toFixed(1)} s`;
  return seconds(x / 1000);
}

/** 12 s, 3 min 4 s, 2 h 5 min, 3 d 4 h */
export function seconds(x: Maybe<number>): string {
  if (x == null) return unknown;
  const s = Math.max(0, Math.round(x));
  const pair = (a: number, unitA: string, b: number, unitB: string) =>
    b ? `${a} ${unitA} ${b} ${unitB}` : `${a} ${unitA}`;
  if (s < 60) return `${s} s`;
  if (s < 3600) return pair(Math.floor(s / 60), "min", s % 60, "s");
  const minutes = Math.floor(s / 60);
  if (s < 86_400) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.floor(minutes / 60);
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** 512 B, 1.5 KiB, 96 MiB */
export function bytes(x: Maybe<number>): string {
  if (x == null) return unknown;
  let value = x;
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (value < 1023.5) return `${threeFigures(value)} ${unit}`;
    value /= 1024;
  }
  return `${threeFigures(value)} TiB`;
}

/** At least 2 and at most 4 decimals, as prices are stored. */
export function price(x: Maybe<number>): string {
  if (x == null) return unknown;
  return x.toLocaleString("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: 4,
  });
}

/** +1.23 % */
export function change(now: Maybe<number>, before: Maybe<number>): string {
  if (now == null || !before) return unknown;
  const percent = (now / before - 1) * 100;
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  return `${sign}${Math.abs(percent).toFixed(2)} %`;
}

/** 41 % */
export function share(x: Maybe<number>): string {
  return x == null ? unknown : `${Math.round(x * 100)} %`;
}

const pad = (x: number) => String(x).padStart(2, "0");

/** 14:03:59 on the reader's clock, with the day unless it is today's. */
export function clock(iso: Maybe<string>, now = Date.now()): string {
  if (!iso) return unknown;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  if (at.toDateString() === new Date(now).toDateString()) return time;
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${time}`;
}

/** as of 12 s ago */
export function age(at_ms: number, now: number): string {
  return `as of ${seconds((now - at_ms) / 1000)} ago`;
}

const exchange = new Intl.DateTimeFormat("en-CA", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

function exchangeParts(at_ms: number): Record<string, string> {
  return Object.fromEntries(
    exchange.formatToParts(at_ms).map((x) => [x.type, x.value]),
  );
}

/** 2020-11-02 09:30 in New York */
export function newYork(iso: Maybe<string>): string {
  if (!iso) return unknown;
  const p = exchangeParts(Date.parse(iso));
  const time = `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
  return p.second === "00" ? time : `${time}:${p.second}`;
}

const offsets = new Map<number, number>(); // by hour: Intl is slow

/**
 * The time on New York's clocks as if it were UTC, in seconds since 1970: a
 * chart that knows only UTC then begins its days at midnight in New York.
 */
export function newYorkSeconds(iso: string): number {
  const at = Math.floor(Date.parse(iso) / 1000);
  const hour = Math.floor(at / 3600);
  let offset = offsets.get(hour);
  if (offset === undefined) {
    const p = exchangeParts(hour * 3_600_000);
    offset =
      Date.UTC(+p.year, +p.month - 1, +p.day, +p.hour) / 1000 - hour * 3600;
    offsets.set(hour, offset);
  }
  return at + offset;
}

/** one shard, 4 shards */
export function plural(n: number, one: string, many = `${one}s`): string {
  return n === 1 ? `1 ${one}` : `${count(n)} ${many}`;
}
