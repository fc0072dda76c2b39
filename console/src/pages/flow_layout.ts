// Places of the message graph's boxes and lines.
import { Graph, layout } from "@dagrejs/dagre";
import type { Flow } from "../api/types";

export const box = { width: 172, height: 52 };

export interface Placed {
  width: number;
  height: number;
  /** Centres, by id. */
  boxes: Map<string, Place>;
  /** By edgeKey(). */
  lines: Map<string, PlacedLine>;
}

export interface Place {
  x: number;
  y: number;
}

export interface PlacedLine {
  points: Place[];
  /** Where its text has room. */
  text: Place;
}

const text = { width: 48, height: 16, labelpos: "c" };

export const edgeKey = (x: { from: string; to: string }) =>
  `${x.from} ${x.to}`;

/** The same boxes and lines whatever the rates: their place stays. */
export function shapeOf(x: Flow): string {
  return JSON.stringify([
    x.nodes.map((y) => y.id).sort(),
    x.edges.map(edgeKey).sort(),
  ]);
}

export function place(x: Flow, across: boolean): Placed {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({
    rankdir: across ? "LR" : "TB",
    nodesep: across ? 16 : 24,
    edgesep: 14,
    ranksep: across ? 60 : 44,
    marginx: 14,
    marginy: 14,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const y of x.nodes) graph.setNode(y.id, { ...box });
  const known = new Set(x.nodes.map((y) => y.id));
  const drawn = x.edges.filter(
    (y) => known.has(y.from) && known.has(y.to) && y.from !== y.to,
  );
  for (const y of drawn) graph.setEdge(y.from, y.to, { ...text });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as {
    width?: number;
    height?: number;
  };
  return {
    width,
    height,
    boxes: new Map(
      x.nodes.map((y) => {
        const at = graph.node(y.id) as Place;
        return [y.id, { x: at.x, y: at.y }];
      }),
    ),
    lines: new Map(
      drawn.map((y) => {
        const at = graph.edge(y.from, y.to) as Place & { points: Place[] };
        return [
          edgeKey(y),
          { points: at.points, text: { x: at.x, y: at.y } },
        ];
      }),
    ),
  };
}

/** A smooth line through all the points (Catmull-Rom, as Bezier curves). */
export function curve(points: readonly Place[]): string {
  const at = (p: Place) => `${p.x.toFixed(1)},${p.y.toFixed(1)}`;
  const toward = (p: Place, a: Place, b: Place, sign: number) =>
    at({ x: p.x + (sign * (b.x - a.x)) / 6, y: p.y + (sign * (b.y - a.y)) / 6 });
  let d = `M${at(points[0])}`;
  for (let i = 0; i + 1 < points.length; ++i) {
    const [p, q] = [points[i], points[i + 1]];
    const before = points[i - 1] ?? p;
    const after = points[i + 2] ?? q;
    d += `C${toward(p, before, q, 1)} ${toward(q, p, after, -1)} ${at(q)}`;
  }
  return d;
}

/** Adds up nodes and edges by kind, whatever the node. */
export function byKind(x: Flow): Flow {
  const nodes = new Map<string, Flow["nodes"][number]>();
  const kinds = new Map<string, string>();
  for (const y of x.nodes) {
    kinds.set(y.id, y.kind);
    const sum = nodes.get(y.kind);
    if (!sum) nodes.set(y.kind, { ...y, id: y.kind, node: "" });
    else {
      sum.actors += y.actors;
      sum.in_per_s = plus(sum.in_per_s, y.in_per_s);
    }
  }
  const edges = new Map<string, Flow["edges"][number]>();
  for (const y of x.edges) {
    const edge = {
      ...y,
      from: kinds.get(y.from) ?? y.from,
      to: kinds.get(y.to) ?? y.to,
    };
    const sum = edges.get(edgeKey(edge));
    if (!sum) edges.set(edgeKey(edge), edge);
    else {
      sum.messages += y.messages;
      sum.per_s = plus(sum.per_s, y.per_s);
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

function plus(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}
