import { useMemo, useState } from "preact/hooks";
import { apiPath } from "../api/path";
import type { Actor, Actors as Answer, NodeAnswer } from "../api/types";
import { useGet, useLive } from "../api/use";
import * as f from "../format";
import { setQuery } from "../router";
import { ActorLink } from "../ui/links";
import {
  Awaited,
  Badge,
  Card,
  PageHead,
  Search,
  Segments,
  Select,
  Silent,
  Stale,
} from "../ui/parts";
import { matches, type Sorting } from "../ui/sort";
import { Table, TableFoot, type Column } from "../ui/table";
import { actorLevel } from "../ui/words";
import { actorKey, treeRows, type TreeItem } from "./actor_tree";
import type { PageProps } from "./lazy";

/** More are asked for every few seconds instead of being watched. */
const watchable = 1000;
const most = 10_000;

const columns: Column<Actor>[] = [
  {
    key: "name",
    title: "Actor",
    value: (x) => x.name,
    cell: (x) => <ActorLink actor={x} />,
  },
  { key: "node", title: "Node", value: (x) => x.node, cell: (x) => x.node, width: 104, drop: 2 },
  {
    key: "state",
    title: "State",
    value: (x) => x.state,
    cell: (x) => <Badge level={actorLevel(x)} text={x.state} />,
    width: 88,
  },
  {
    key: "mailbox",
    title: "Mailbox",
    hint: "messages waiting now, and the most there were",
    right: true,
    value: (x) => x.mailbox,
    cell: (x) => (
      <>
        {f.short(x.mailbox)} <span class="muted">/ {f.short(x.mailbox_highest)}</span>
      </>
    ),
    width: 90,
    drop: 3,
  },
  { key: "in", title: "In", hint: "messages in per second", right: true, value: (x) => x.in_per_s, cell: (x) => f.rate(x.in_per_s), width: 76 },
  { key: "out", title: "Out", hint: "messages out per second", right: true, value: (x) => x.out_per_s, cell: (x) => f.rate(x.out_per_s), width: 76, drop: 3 },
  { key: "p50", title: "p50", hint: "half of all messages were handled in this time", right: true, value: (x) => x.p50_us, cell: (x) => f.micros(x.p50_us), width: 88, drop: 2 },
  { key: "p99", title: "p99", hint: "99 % of all messages were handled in this time", right: true, value: (x) => x.p99_us, cell: (x) => f.micros(x.p99_us), width: 88, drop: 3 },
  { key: "restarts", title: "Restarts", right: true, value: (x) => x.restarts, cell: (x) => f.count(x.restarts), width: 80, drop: 1 },
  {
    key: "death",
    title: "Last death",
    value: (x) => x.last_death?.at,
    cell: (x) =>
      x.last_death && (
        <span title={`${f.clock(x.last_death.at)}: ${x.last_death.reason}`}>
          {x.last_death.reason}
        </span>
      ),
    width: 150,
    drop: 0,
  },
  { key: "uptime", title: "Uptime", right: true, value: (x) => x.uptime_s, cell: (x) => f.seconds(x.uptime_s), width: 112, drop: 1 },
];

// The tree has a row for each node.
const treeColumns: Column<TreeItem>[] = columns
  .filter((x) => x.key !== "node")
  .map((column) => ({
  key: column.key,
  title: column.title,
  hint: column.hint,
  right: column.right,
  width: column.width,
  drop: column.drop,
  cell: (row) => {
    if (row.actor) return column.cell(row.actor);
    if (column.key !== "name") return null;
    return (
      <>
        <strong>{row.node}</strong>{" "}
        <span class="muted small">{f.plural(row.below, "root")}</span>
      </>
    );
  },
}));

/** Watches few actors, asks for many every 5 s. */
function useActors(q: string): Pick<
  ReturnType<typeof useLive<Answer>>,
  "data" | "error" | "at"
> {
  const path = apiPath(["actors"], { limit: most, q });
  const first = useGet<Answer>(path);
  const many = (first.data?.total ?? 0) > watchable;
  const watched = useLive<Answer>(first.data && !many ? path : null);
  const asked = useGet<Answer>(many ? path : null, 5000);
  if (many) return asked.data ? asked : first;
  return watched.data || watched.error
    ? { ...watched, data: watched.data ?? first.data }
    : first;
}

export function Actors({ query }: PageProps) {
  const text = query.get("q") ?? "";
  const kind = query.get("kind") ?? "";
  const node = query.get("node") ?? "";
  const state = query.get("state") ?? "";
  const view = query.get("view") === "tree" ? "tree" : "table";
  const [cut, setCut] = useState(false);
  // The server searches only where it could not give all.
  const answer = useActors(cut ? text : "");
  const all = answer.data?.items ?? [];
  if (answer.data?.next && !cut) setCut(true);

  const chosen = useMemo(
    () =>
      all.filter(
        (x) =>
          (!kind || x.kind === kind) &&
          (!node || x.node === node) &&
          (!state || x.state === state) &&
          (!text ||
            matches(`${x.name} ${x.node} ${x.kind} ${x.state} ${x.serial}`, text)),
      ),
    [all, text, kind, node, state],
  );
  const options = (all_text: string, of: (x: Actor) => string, now: string) =>
    [
      ["", all_text] as const,
      ...[...new Set([...all.map(of), ...(now ? [now] : [])])]
        .sort()
        .map((x) => [x, x] as const),
    ] as const;

  return (
    <>
      <PageHead
        title="Actors"
        text="Every actor on every node, and those that died of late."
      >
        <Stale at={answer.at} />
      </PageHead>
      <Awaited answer={answer}>
        {(data) => (
          <Card flush>
            <header class="filters">
              <Search
                label="Name, node, kind or state"
                value={text}
                onInput={(q) => setQuery({ q })}
              />
              <Select label="Kind" value={kind} options={options("All kinds", (x) => x.kind, kind)} onChoose={(x) => setQuery({ kind: x })} />
              <Select label="Node" value={node} options={options("All nodes", (x) => x.node, node)} onChoose={(x) => setQuery({ node: x })} />
              <Select label="State" value={state} options={options("All states", (x) => x.state, state)} onChoose={(x) => setQuery({ state: x })} />
              <span class="grow" />
              <Segments
                label="View"
                value={view}
                options={[
                  ["table", "Table"],
                  ["tree", "Supervision tree"],
                ]}
                onChoose={(x) => setQuery({ view: x === "tree" ? x : null })}
              />
            </header>
            <SilentNodes nodes={data.nodes} />
            {view === "tree" ? (
              <Tree actors={chosen} />
            ) : (
              <Flat actors={chosen} query={query} />
            )}
            <TableFoot shown={chosen.length} total={data.total} of="actor">
              {data.next && (
                <span>
                  The first {f.count(most)} are here: search to see others.
                </span>
              )}
            </TableFoot>
          </Card>
        )}
      </Awaited>
    </>
  );
}

function SilentNodes({ nodes }: { nodes: NodeAnswer[] }) {
  const silent = nodes.filter((x) => x.silent_for_s != null);
  if (!silent.length) return null;
  return (
    <ul class="plain-list">
      {silent.map((x) => (
        <li key={x.node} class="row">
          <Silent silent_for_s={x.silent_for_s} />
          <span>
            {x.node}: its {f.plural(x.actors, "actor")} as last told
          </span>
        </li>
      ))}
    </ul>
  );
}

const dim = (x: Actor) => (x.state === "dead" ? "dim" : undefined);

function Flat({ actors, query }: { actors: Actor[]; query: URLSearchParams }) {
  const sorting: Sorting = {
    key: query.get("sort") ?? "name",
    descending: query.get("order") === "desc",
  };
  return (
    <Table
      label="Actors"
      rows={actors}
      columns={columns}
      rowKey={actorKey}
      sorting={sorting}
      onSort={(x) =>
        setQuery({ sort: x.key, order: x.descending ? "desc" : "asc" })
      }
      rowClass={dim}
      empty="No actor matches."
    />
  );
}

function Tree({ actors }: { actors: Actor[] }) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => treeRows(actors, folded), [actors, folded]);
  const toggle = (key: string) => {
    const next = new Set(folded);
    if (!next.delete(key)) next.add(key);
    setFolded(next);
  };
  return (
    <Table
      label="Supervision tree"
      rows={rows}
      columns={treeColumns}
      rowKey={(x) => x.key}
      rowClass={(x) => x.actor && dim(x.actor)}
      tree={(x) => ({
        depth: x.depth,
        open: x.below ? !folded.has(x.key) : null,
        toggle: () => toggle(x.key),
      })}
      empty="No actor matches."
    />
  );
}
