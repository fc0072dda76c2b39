// The WebSocket that brings what is watched. Paths are counted, so several
// parts of a page may watch the same one.
import type { Problem } from "./types";

export interface Answer<T> {
  data: T | null;
  error: Problem | null;
  /** When it came, in ms since 1970; 0: not yet. */
  at: number;
}

export interface Connection {
  state: "connecting" | "open" | "lost";
  /** When something came last, in ms since 1970; 0: never. */
  heardAt: number;
  /** When the next try is, if lost. */
  retryAt: number;
}

/** What the browser's WebSocket has, as far as it is used here. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface LiveOptions {
  open: () => Socket;
  now?: () => number;
  random?: () => number;
  /** Asked after each failed try: a reason not to try again (logged out). */
  mayRetry?: () => Promise<boolean>;
}

interface Watched {
  listeners: Set<() => void>;
  answer: Answer<unknown>;
}

const nothing: Answer<never> = { data: null, error: null, at: 0 };
const firstWait = 500;
const longestWait = 10_000;
/** Answers that nobody watches any more are kept so long, to show at once. */
const keep = 120_000;
/**
 * The page watches the overview, which changes each second, or some seconds
 * where the master has much to do: longer silence is worth a word, and then a
 * new connection.
 */
export const silence = 8_000;
const givesUp = 20_000;

/** The wait before try `n` (0, 1, ...) in ms: doubled, bounded, spread. */
export function backoff(n: number, random: number): number {
  const full = Math.min(longestWait, firstWait * 2 ** n);
  return Math.round(full * (0.5 + random / 2));
}

export class Live {
  private readonly watched = new Map<string, Watched>();
  private readonly options: Required<LiveOptions>;
  private readonly observers = new Set<() => void>();
  private socket: Socket | null = null;
  private sent = "";
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private flush: ReturnType<typeof setTimeout> | undefined;
  private wanted = false;
  connection: Connection = { state: "connecting", heardAt: 0, retryAt: 0 };

  constructor(options: LiveOptions) {
    this.options = {
      now: Date.now,
      random: Math.random,
      mayRetry: () => Promise.resolve(true),
      ...options,
    };
  }

  /** Connects, and again whenever the connection is lost. */
  start(): void {
    this.wanted = true;
    if (!this.socket) this.connect();
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    // Ended on purpose is not lost.
    this.connection = { state: "connecting", heardAt: 0, retryAt: 0 };
  }

  /** Does not wait for the next try. */
  retry(): void {
    this.tries = 0;
    clearTimeout(this.timer);
    if (this.wanted && this.connection.state === "lost") this.connect();
  }

  /** Forgets what was read: it belongs to whoever was logged in. */
  forget(): void {
    for (const x of this.watched.values()) x.answer = nothing;
  }

  observe(f: () => void): () => void {
    this.observers.add(f);
    return () => this.observers.delete(f);
  }

  /** Calls `f` after each new answer, until the result is called. */
  watch(path: string, f: () => void): () => void {
    let entry = this.watched.get(path);
    if (!entry) {
      entry = { listeners: new Set(), answer: nothing };
      this.watched.set(path, entry);
    }
    entry.listeners.add(f);
    this.schedule();
    return () => {
      entry.listeners.delete(f);
      this.schedule();
    };
  }

  last<T>(path: string): Answer<T> {
    return (this.watched.get(path)?.answer ?? nothing) as Answer<T>;
  }

  /** Looks for a connection that is open and silent. Called each second. */
  check(): void {
    const { state, heardAt } = this.connection;
    if (state === "open" && this.options.now() - heardAt > givesUp)
      this.lose();
  }

  private connect(): void {
    this.set({ state: "connecting" });
    const socket = this.options.open();
    this.socket = socket;
    this.sent = "";
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.tries = 0;
      this.set({ state: "open", heardAt: this.options.now() });
      this.sendWatched();
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.take(String(event.data));
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lose();
    };
  }

  private lose(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    if (!this.wanted) return;
    const wait = backoff(this.tries++, this.options.random());
    this.set({ state: "lost", retryAt: this.options.now() + wait });
    this.timer = setTimeout(() => {
      void this.options.mayRetry().then((may) => {
        if (may && this.wanted && !this.socket) this.connect();
      });
    }, wait);
  }

  private take(text: string): void {
    let message: { path?: string; data?: unknown; error?: Problem };
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      return; // not ours
    }
    const now = this.options.now();
    this.connection = { ...this.connection, heardAt: now };
    const entry = message.path ? this.watched.get(message.path) : undefined;
    if (!entry) return;
    // An error leaves the last data in place: shown with its age.
    entry.answer = message.error
      ? { ...entry.answer, error: message.error }
      : { data: message.data, error: null, at: now };
    for (const f of [...entry.listeners]) f();
  }

  private schedule(): void {
    this.flush ??= setTimeout(() => {
      this.flush = undefined;
      this.sendWatched();
    }, 20);
  }

  private sendWatched(): void {
    const now = this.options.now();
    const watch: string[] = [];
    for (const [path, x] of this.watched) {
      if (x.listeners.size) watch.push(path);
      else if (now - x.answer.at > keep) this.watched.delete(path);
    }
    const text = JSON.stringify({ watch });
    if (this.connection.state !== "open" || text === this.sent) return;
    this.sent = text;
    this.socket?.send(text);
  }

  private set(x: Partial<Connection>): void {
    this.connection = { ...this.connection, ...x };
    for (const f of [...this.observers]) f();
  }
}
