import { useState } from "preact/hooks";
import type { Fence, Move, Shard, Shards } from "../api/types";
import * as f from "../format";
import { NodeLink, TickerLink } from "../ui/links";
import { Badge, Card, Empty, Meter } from "../ui/parts";
import type { Sorting } from "../ui/sort";
import { Table, TableFoot, type Column } from "../ui/table";
import { shardLevel } from "../ui/words";

const columns = (dead_after_ms: number): Column<Shard>[] => [
  { key: "shard", title: "Shard", right: true, value: (x) => x.shard, cell: (x) => x.shard, width: 84 },
  {
    key: "owner",
    title: "Owner",
    value: (x) => x.owner || null,
    cell: (x) => (x.owner ? <NodeLink node={x.owner} /> : "nobody"),
    width: 130,
  },
  { key: "epoch", title: "Epoch", right: true, value: (x) => x.epoch, cell: (x) => f.count(x.epoch), width: 76, drop: 3 },
  {
    key: "state",
    title: "State",
    value: (x) => x.state,
    cell: (x) => (
      <span title={x.reason || undefined}>
        <Badge level={shardLevel(x)} text={x.state || x.phase} />
      </span>
    ),
    width: 126,
  },
  {
    key: "phase",
    title: "Phase",
    value: (x) => x.phase_ms,
    cell: (x) => `${x.phase}, ${f.millis(x.phase_ms)}`,
    width: 160,
    drop: 1,
  },
  {
    key: "lease",
    title: "Lease age",
    hint: "since its owner's last beat; at the full bar the shard goes to another",
    value: (x) => x.beat_age_ms,
    cell: (x) => {
      if (x.beat_age_ms == null) return f.unknown;
      const part = x.beat_age_ms / dead_after_ms;
      return (
        <span class="lease">
          <Meter
            share={part}
            level={part < 0.5 ? "ok" : part < 1 ? "warning" : "critical"}
            label="Lease used"
          />
          {f.millis(x.beat_age_ms)}
        </span>
      );
    },
    width: 150,
    drop: 2,
  },
  { key: "lag", title: "Lag", right: true, value: (x) => x.lag, cell: (x) => f.count(x.lag), width: 74 },
  { key: "next", title: "Next offset", right: true, value: (x) => x.next_offset, cell: (x) => f.count(x.next_offset), width: 110, drop: 1 },
  { key: "bars", title: "Bars", right: true, value: (x) => x.bars, cell: (x) => f.count(x.bars), width: 90, drop: 2 },
  {
    key: "tickers",
    title: "Tickers",
    value: (x) => x.tickers.length,
    cell: (x) => (
      <span title={x.tickers.join(", ")}>
        {x.tickers.slice(0, 6).map((y, i) => (
          <>
            {i > 0 && ", "}
            <TickerLink symbol={y} />
          </>
        ))}
        {x.tickers.length > 6 && ` and ${x.tickers.length - 6} more`}
      </span>
    ),
    drop: 3,
  },
];

export function ShardTable({ x, node }: { x: Shards; node: string }) {
  const [sorting, setSorting] = useState<Sorting>({
    key: "shard",
    descending: false,
  });
  return (
    <Card title="Shards" flush>
      <Table
        label="Shards"
        rows={x.items}
        columns={columns(x.dead_after_ms)}
        rowKey={(y) => y.shard}
        sorting={sorting}
        onSort={setSorting}
        rowClass={(y) => (node && y.owner === node ? "selected" : undefined)}
        empty="There is none."
        short
      />
      <TableFoot shown={x.items.length} total={x.items.length} of="shard">
        <span>
          An owner that is silent for {f.millis(x.dead_after_ms)} loses its
          shards.
        </span>
      </TableFoot>
    </Card>
  );
}

export function MoveList({ moves }: { moves: readonly Move[] }) {
  return (
    <ul class="plain-list scrolled" tabIndex={0} aria-label="Moves">
      {moves.map((x, i) => (
        <li key={`${x.at} ${x.shard} ${i}`}>
          <div class="grow">
            <p>
              Shard {x.shard}: {x.from || "nobody"} → {x.to || "nobody"}
              {x.epoch ? (
                <span class="muted"> (epoch {f.count(x.epoch)})</span>
              ) : (
                ""
              )}
            </p>
            <p class="small muted">{x.reason}</p>
          </div>
          {x.at && <span class="muted small nowrap">{f.clock(x.at)}</span>}
        </li>
      ))}
    </ul>
  );
}

export function MoveCard(props: {
  title: string;
  moves: readonly Move[];
  empty: string;
}) {
  return (
    <Card title={props.title} flush>
      {props.moves.length ? (
        <MoveList moves={props.moves} />
      ) : (
        <Empty>{props.empty}</Empty>
      )}
    </Card>
  );
}

export function Fences({ fences }: { fences: readonly Fence[] }) {
  return (
    <Card title="Fenced" flush>
      {fences.length ? (
        <ul class="plain-list scrolled" tabIndex={0} aria-label="Fenced">
          {fences.map((x, i) => (
            <li key={`${x.at} ${i}`}>
              <div class="grow">
                <p>
                  {x.node} with epoch {f.count(x.epoch)} of shard {x.shard}
                </p>
                <p class="small muted">
                  Epoch {f.count(x.seen_epoch)} owns it: nothing was written.{" "}
                  {x.reason}
                </p>
              </div>
              <span class="muted small nowrap">{f.clock(x.at)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Empty>No node tried to write to a shard that it had lost.</Empty>
      )}
    </Card>
  );
}
