import { useMemo, useState } from "preact/hooks";
import type { Flow } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { href, setQuery } from "../router";
import { Awaited, Card, Empty, PageHead, Segments, Stale } from "../ui/parts";
import type { Sorting } from "../ui/sort";
import { Table, type Column } from "../ui/table";
import { box, byKind, curve, edgeKey, place, shapeOf } from "./flow_layout";
import type { PageProps } from "./lazy";

/** Larger graphs are shown by kind unless asked otherwise. */
const readable = 40;

export function FlowPage({ query }: PageProps) {
  const answer = useLive<Flow>("/api/v1/flow");
  return (
    <>
      <Awaited answer={answer}>
        {(x) => {
          const by =
            query.get("by") ?? (x.nodes.length > readable ? "kind" : "node");
          return (
            <>
              <PageHead
                title="Message flow"
                text="Who sends how much to whom, counted since somebody looks. The thicker a line, the more messages."
              >
                <Stale at={answer.at} />
                <Segments
                  label="Boxes"
                  value={by}
                  options={[
                    ["node", "By node and kind"],
                    ["kind", "By kind"],
                  ]}
                  onChoose={(y) => setQuery({ by: y })}
                />
              </PageHead>
              <Shown x={by === "kind" ? byKind(x) : x} />
            </>
          );
        }}
      </Awaited>
      {!answer.data && <PageHead title="Message flow" />}
    </>
  );
}

function Shown({ x }: { x: Flow }) {
  const [chosen, setChosen] = useState<string | null>(null);
  if (!x.nodes.length)
    return (
      <Card>
        <Empty>Nobody has sent anything since somebody looks.</Empty>
      </Card>
    );
  return (
    <>
      <Card flush>
        <Picture x={x} chosen={chosen} onChoose={setChosen} />
      </Card>
      <Card title="All lines" flush>
        <Lines x={x} chosen={chosen} />
      </Card>
    </>
  );
}

function Picture(props: {
  x: Flow;
  chosen: string | null;
  onChoose: (x: string | null) => void;
}) {
  const { x, chosen, onChoose } = props;
  const across = !matchMedia("(max-width: 860px)").matches;
  const shape = shapeOf(x) + across;
  const placed = useMemo(() => place(x, across), [shape]);
  const touches = (y: { from: string; to: string }) =>
    !chosen || y.from === chosen || y.to === chosen;
  return (
    <div class="graph" tabIndex={0} role="group" aria-label="Message graph">
      <svg
        width={placed.width}
        height={placed.height}
        style={{ minWidth: `${Math.round(placed.width * 0.7)}px` }}
        viewBox={`0 0 ${placed.width} ${placed.height}`}
        role="group"
        aria-label="Message graph; the table below says the same"
      >
        <defs>
          <marker
            id="tip"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0.5L8 4L0 7.5z" class="tip" />
          </marker>
        </defs>
        {x.edges.map((y) => {
          const line = placed.lines.get(edgeKey(y));
          if (!line) return null;
          const moving = (y.per_s ?? 0) > 0;
          return (
            <g
              key={edgeKey(y)}
              class={`edge${moving ? " moving" : ""}${touches(y) ? "" : " faint"}`}
            >
              <path
                d={curve(line.points)}
                marker-end="url(#tip)"
                stroke-width={1 + Math.log10(1 + (y.per_s ?? 0)) * 1.6}
              />
              {moving && touches(y) && (
                <text x={line.text.x} y={line.text.y + 4} text-anchor="middle">
                  {f.rate(y.per_s)}
                </text>
              )}
            </g>
          );
        })}
        {x.nodes.map((y) => {
          const at = placed.boxes.get(y.id);
          if (!at) return null;
          return (
            <a
              key={y.id}
              class={chosen === y.id ? "box chosen" : "box"}
              href={href(["actors"], { kind: y.kind, node: y.node })}
              onMouseEnter={() => onChoose(y.id)}
              onMouseLeave={() => onChoose(null)}
              onFocus={() => onChoose(y.id)}
              onBlur={() => onChoose(null)}
            >
              <rect
                x={at.x - box.width / 2}
                y={at.y - box.height / 2}
                width={box.width}
                height={box.height}
                rx="7"
              />
              <text class="kind" x={at.x - box.width / 2 + 12} y={at.y - 5}>
                {cut(y.kind)}
              </text>
              <text class="of" x={at.x - box.width / 2 + 12} y={at.y + 14}>
                {cut(
                  [y.node, y.actors > 1 && `× ${f.short(y.actors)}`, f.rate(y.in_per_s)]
                    .filter(Boolean)
                    .join("  "),
                )}
              </text>
            </a>
          );
        })}
      </svg>
    </div>
  );
}

const cut = (x: string) => (x.length > 25 ? `${x.slice(0, 24)}…` : x);

const columns: Column<Flow["edges"][number]>[] = [
  { key: "from", title: "From", value: (x) => x.from, cell: (x) => <span title={x.from}>{x.from}</span> },
  { key: "to", title: "To", value: (x) => x.to, cell: (x) => <span title={x.to}>{x.to}</span> },
  { key: "per_s", title: "Rate", right: true, value: (x) => x.per_s, cell: (x) => f.rate(x.per_s), width: 100 },
  { key: "messages", title: "Messages", right: true, value: (x) => x.messages, cell: (x) => f.count(x.messages), width: 110 },
];

function Lines({ x, chosen }: { x: Flow; chosen: string | null }) {
  const [sorting, setSorting] = useState<Sorting>({
    key: "per_s",
    descending: true,
  });
  return (
    <Table
      label="Lines of the message graph"
      rows={x.edges}
      columns={columns}
      rowKey={edgeKey}
      sorting={sorting}
      onSort={setSorting}
      rowClass={(y) =>
        chosen && (y.from === chosen || y.to === chosen) ? "selected" : undefined
      }
      empty="None."
      short
    />
  );
}
