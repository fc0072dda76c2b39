import { useEffect, useState } from "preact/hooks";
import { apiPath } from "../api/path";
import { asProblem, get } from "../api/client";
import type { DeadLetter, DeadLetters as Answer, Problem } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { href, setQuery } from "../router";
import { Awaited, Card, PageHead, ProblemNotice, Search, Stale } from "../ui/parts";
import { Table, TableFoot, type Column } from "../ui/table";
import type { PageProps } from "./lazy";

const page = 200;

const letterKey = (x: DeadLetter) => `${x.topic}/${x.shard}/${x.offset}`;

const columns: Column<DeadLetter>[] = [
  { key: "at", title: "Stored", cell: (x) => f.clock(x.stored_at), width: 170, drop: 3 },
  {
    key: "reason",
    title: "Reason",
    cell: (x) => (
      <a href={href(["dead-letters", x.topic, x.shard, x.offset])}>{x.reason}</a>
    ),
    width: 180,
  },
  { key: "detail", title: "Detail", cell: (x) => <span title={x.detail}>{x.detail}</span> },
  { key: "key", title: "Key", cell: (x) => <span class="mono">{x.key}</span>, width: 110, drop: 2 },
  { key: "place", title: "Shard, offset", right: true, cell: (x) => `${x.shard}, ${x.offset}`, width: 130, drop: 2 },
  { key: "size", title: "Size", right: true, cell: (x) => f.bytes(x.size), width: 90, drop: 1 },
];

export function DeadLetters({ query }: PageProps) {
  const q = query.get("q") ?? "";
  const reason = query.get("reason") ?? "";
  const [asked, setAsked] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q), 250);
    return () => clearTimeout(timer);
  }, [q]);
  const question = { q: asked, reason, limit: page };
  const answer = useLive<Answer>(apiPath(["dead-letters"], question));
  return (
    <>
      <PageHead
        title="Dead letters"
        text="Records that could not be used, newest first."
      >
        <Stale at={answer.at} />
      </PageHead>
      <Card flush>
        <header class="filters">
          <Search
            label="Part of detail, key or payload"
            value={q}
            onInput={(x) => setQuery({ q: x })}
          />
          <Reasons now={reason} reasons={answer.data?.reasons ?? {}} />
        </header>
        <Awaited answer={answer}>
          {(x) => <Letters key={asked + reason} first={x} question={question} />}
        </Awaited>
      </Card>
    </>
  );
}

function Reasons(props: { now: string; reasons: Record<string, number> }) {
  const { now, reasons } = props;
  return (
    <div class="row" role="group" aria-label="Reason">
      {Object.entries(reasons)
        .sort((a, b) => b[1] - a[1])
        .map(([name, n]) => (
          <button
            key={name}
            type="button"
            class="button chip"
            aria-pressed={name === now}
            onClick={() => setQuery({ reason: name === now ? null : name })}
          >
            {name} <span class="muted">{f.short(n)}</span>
          </button>
        ))}
    </div>
  );
}

/** The newest, live, and as many older ones as were asked for. */
function Letters(props: {
  first: Answer;
  question: { q: string; reason: string; limit: number };
}) {
  const { first, question } = props;
  const [older, setOlder] = useState<DeadLetter[]>([]);
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | null>(null);
  const cursor = next === undefined ? first.next : next;
  const seen = new Set(first.items.map(letterKey));
  const rows = [...first.items, ...older.filter((x) => !seen.has(letterKey(x)))];
  const more = () => {
    get<Answer>(apiPath(["dead-letters"], { ...question, cursor }))
      .then((x) => {
        setOlder((y) => [...y, ...x.items]);
        setNext(x.next);
        setProblem(null);
      })
      .catch((reason: unknown) => setProblem(asProblem(reason)));
  };
  return (
    <>
      <Table
        label="Dead letters"
        rows={rows}
        columns={columns}
        rowKey={letterKey}
        empty="There is none."
      />
      {problem && <ProblemNotice problem={problem} />}
      <TableFoot shown={rows.length} total={rows.length} of="letter">
        {cursor && (
          <button type="button" class="button" onClick={more}>
            Show older ones
          </button>
        )}
      </TableFoot>
    </>
  );
}
