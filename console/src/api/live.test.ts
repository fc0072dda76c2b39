import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Live, backoff, type Socket } from "./live";

class Wire implements Socket {
  sent: string[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }
  tell(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  get watched(): string[] {
    return (JSON.parse(this.sent.at(-1) ?? '{"watch":[]}') as { watch: string[] })
      .watch;
  }
}

let wires: Wire[];
let uut: Live;
const wire = () => wires[wires.length - 1];

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  uut = new Live({
    open: () => {
      wires.push(new Wire());
      return wire();
    },
    random: () => 1,
  });
  uut.start();
  wire().onopen!();
});

afterEach(() => {
  uut.stop();
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(25);

describe("watching", () => {
  it("asks for a path once however many watch it, until the last one ends", async () => {
    const first = uut.watch("/a", () => {});
    const second = uut.watch("/a", () => {});
    uut.watch("/b", () => {});
    await settle();
    expect(wire().watched).toEqual(["/a", "/b"]);
    first();
    await settle();
    expect(wire().watched).toEqual(["/a", "/b"]);
    second();
    await settle();
    expect(wire().watched).toEqual(["/b"]);
  });

  it("does not send the same question twice", async () => {
    const end = uut.watch("/a", () => {});
    await settle();
    const before = wire().sent.length;
    end();
    uut.watch("/a", () => {});
    await settle();
    expect(wire().sent.length).toBe(before);
  });

  it("keeps the last data behind an error, and takes the error away again", () => {
    const called = vi.fn();
    uut.watch("/a", called);
    wire().tell({ path: "/a", data: 1 });
    const problem = { type: "no_answer", title: "x", status: 503, detail: "y" };
    wire().tell({ path: "/a", error: problem });
    expect(uut.last("/a")).toMatchObject({ data: 1, error: problem });
    wire().tell({ path: "/a", data: 2 });
    expect(uut.last("/a")).toMatchObject({ data: 2, error: null });
    expect(called).toHaveBeenCalledTimes(3);
  });

  it("is not disturbed by what it cannot read or did not ask for", () => {
    uut.watch("/a", () => {});
    wire().onmessage!({ data: "no JSON" });
    wire().tell({ path: "/other", data: 1 });
    expect(uut.last("/a").data).toBeNull();
    expect(uut.last("/other").data).toBeNull();
  });
});

describe("a lost connection", () => {
  it("is told, tried again, and asks for all that is watched", async () => {
    uut.watch("/a", () => {});
    await settle();
    const told = vi.fn();
    uut.observe(told);
    wire().onclose!();
    expect(uut.connection.state).toBe("lost");
    expect(told).toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(500);
    expect(wires.length).toBe(2);
    wire().onopen!();
    expect(wire().watched).toEqual(["/a"]);
    expect(uut.connection.state).toBe("open");
  });

  it("is tried ever more rarely, but at least every 10 s", async () => {
    wire().onclose!();
    for (const wait of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const before = wires.length;
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(wires.length).toBe(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(wires.length).toBe(before + 1);
      wire().onclose!();
    }
  });

  it("is given up where the session is over", async () => {
    uut.stop();
    uut = new Live({
      open: () => {
        wires.push(new Wire());
        return wire();
      },
      mayRetry: () => Promise.resolve(false),
    });
    uut.start();
    const before = wires.length;
    wire().onclose!();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires.length).toBe(before);
  });

  it("is found when it is open and says nothing", () => {
    vi.advanceTimersByTime(19_000);
    uut.check();
    expect(uut.connection.state).toBe("open");
    vi.advanceTimersByTime(2_000);
    uut.check();
    expect(uut.connection.state).toBe("lost");
    expect(wires[0].closed).toBe(true);
  });

  it("of an old socket does not end the new one", async () => {
    const old = wire();
    old.onclose!();
    await vi.advanceTimersByTimeAsync(500);
    wire().onopen!();
    old.onclose?.();
    expect(uut.connection.state).toBe("open");
  });

  it("stays ended once it was stopped", async () => {
    uut.stop();
    wires[0].onclose?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires.length).toBe(1);
  });
});

describe("backoff", () => {
  it("is spread between half and all of the wait", () => {
    expect([backoff(0, 0), backoff(0, 1)]).toEqual([250, 500]);
    expect([backoff(30, 0), backoff(30, 1)]).toEqual([5000, 10_000]);
  });
});
