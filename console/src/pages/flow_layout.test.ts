import { describe, expect, it } from "vitest";
import type { Flow } from "../api/types";
import { box, byKind, edgeKey, place, shapeOf } from "./flow_layout";

const node = (id: string, actors = 1, in_per_s: number | null = 1) => ({
  id,
  node: id.split("/")[0],
  kind: id.split("/")[1],
  actors,
  in_per_s,
});
const edge = (from: string, to: string, per_s: number | null = 1) => ({
  from,
  to,
  messages: 10,
  per_s,
});

const flow: Flow = {
  nodes: [node("w1/a"), node("w1/b"), node("w2/a", 3, null), node("w2/b")],
  edges: [
    edge("w1/a", "w1/b", 2),
    edge("w1/b", "w1/a"),
    edge("w2/a", "w2/b", null),
    edge("w2/b", "gone/x"),
    edge("w1/a", "w1/a"),
  ],
};

describe("place", () => {
  it("gives every box a place of its own", () => {
    for (const across of [true, false]) {
      const boxes = [...place(flow, across).boxes.values()];
      expect(boxes.length).toBe(4);
      boxes.forEach((a, i) =>
        boxes.slice(i + 1).forEach((b) => {
          const apart =
            Math.abs(a.x - b.x) >= box.width ||
            Math.abs(a.y - b.y) >= box.height;
          expect(apart).toBe(true);
        }),
      );
    }
  });

  it("draws a line each way, and none to itself or to a box that is not there", () => {
    expect([...place(flow, true).lines.keys()].sort()).toEqual(
      flow.edges.slice(0, 3).map(edgeKey).sort(),
    );
  });
});

describe("shapeOf", () => {
  it("stays while only rates change, so that no box moves", () => {
    const faster = {
      ...flow,
      edges: flow.edges.map((x) => ({ ...x, per_s: 99, messages: 1 })),
    };
    expect(shapeOf(faster)).toBe(shapeOf(flow));
    expect(shapeOf({ ...flow, edges: [] })).not.toBe(shapeOf(flow));
  });
});

describe("byKind", () => {
  it("adds up what is of one kind, and leaves the original as it is", () => {
    const before = JSON.stringify(flow);
    const x = byKind(flow);
    expect(x.nodes.map((y) => [y.id, y.actors, y.in_per_s])).toEqual([
      ["a", 4, 1],
      ["b", 2, 2],
    ]);
    const sum = x.edges.find((y) => y.from === "a" && y.to === "b")!;
    expect([sum.messages, sum.per_s]).toEqual([20, 2]);
    expect(JSON.stringify(flow)).toBe(before);
  });
});
