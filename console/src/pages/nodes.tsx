import type { Node, Nodes, Queue, Shards } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { href } from "../router";
import {
  Awaited,
  Badge,
  Meter,
  PageHead,
  Silent,
  Stale,
} from "../ui/parts";
import { nodeLevel } from "../ui/words";
import { DrainButton } from "./actions";
import type { PageProps } from "./lazy";
import { RebalanceButton } from "./rebalance";
import { Fences, MoveCard, ShardTable } from "./shards";

export function NodesPage({ query }: PageProps) {
  const node = query.get("node") ?? "";
  const nodes = useLive<Nodes>("/api/v1/nodes");
  const shards = useLive<Shards>("/api/v1/shards");
  return (
    <>
      <PageHead
        title="Nodes and shards"
        text="Who serves what, and why it moved. A new worker joins by: tickerflow worker --master HOST:PORT"
      >
        <Stale at={nodes.at} />
        <RebalanceButton />
      </PageHead>
      <Awaited answer={nodes}>
        {({ items }) => (
          <div class="nodes">
            {items.map((x) => (
              <NodeCard key={x.name} x={x} chosen={x.name === node} />
            ))}
          </div>
        )}
      </Awaited>
      <Awaited answer={shards}>
        {(x) => (
          <>
            <ShardTable x={x} node={node} />
            <div class="grid">
              <MoveCard title="Moves" moves={x.moves} empty="No shard has moved." />
              <Fences fences={x.fences} />
            </div>
          </>
        )}
      </Awaited>
    </>
  );
}

function NodeCard({ x, chosen }: { x: Node; chosen: boolean }) {
  const worker = x.role === "worker";
  return (
    <section
      class={chosen ? "card node chosen" : "card node"}
      aria-label={`${x.role} ${x.name}`}
    >
      <header>
        <h2>{x.name}</h2>
        <span class="muted small">{x.role}</span>
        <Badge level={nodeLevel(x)} text={x.state} />
        {x.state !== "dead" && x.state !== "gone" && (
          <Silent silent_for_s={x.silent_for_s} />
        )}
      </header>
      <div class="body stack">
        <p class="small">{x.text}</p>
        <dl class="facts">
          {worker && (
            <div>
              <dt>Shards, weight</dt>
              <dd>
                {f.count(x.shards)}, {f.count(x.weight)}
              </dd>
            </div>
          )}
          <div>
            <dt>Actors</dt>
            <dd>
              <a href={href(["actors"], { node: x.name })}>{f.count(x.actors)}</a>
            </dd>
          </div>
          {worker && (
            <div>
              <dt>Last beat</dt>
              <dd>{f.millis(x.last_beat_ms)} ago</dd>
            </div>
          )}
          <div>
            <dt>Memory</dt>
            <dd>{f.bytes(x.memory_bytes)}</dd>
          </div>
          <div>
            <dt>CPU</dt>
            <dd>{f.share(x.cpu_share)}</dd>
          </div>
          <div class="wide">
            <dt>Where</dt>
            <dd>
              {x.address ?? x.host}
                {x.pid > 0 && `, pid ${x.pid}`}
            </dd>
          </div>
        </dl>
        <Queues queues={x.queues} />
        <div class="row">
          {worker && <DrainButton node={x.name} />}
          <a class="button plain" href={href(["logs"], { node: x.name })}>
            Log
          </a>
        </div>
      </div>
    </section>
  );
}

function Queues({ queues }: { queues: Queue[] }) {
  if (!queues.length) return null;
  return (
    <details>
      <summary class="small">
        {f.plural(queues.length, "queue")}
      </summary>
      <ul class="queues">
        {queues.map((x) => {
          const part = x.bound ? x.now / x.bound : 0;
          return (
            <li key={x.queue} class="small">
              <span>{x.queue}</span>
              <span class="muted">
                {f.short(x.now)}, at most {f.short(x.highest)}
                {x.bound ? ` of ${f.short(x.bound)}` : ""}
              </span>
              {x.bound > 0 && (
                <Meter
                  share={part}
                  level={part > 0.9 ? "warning" : "info"}
                  label={`${x.queue} filled`}
                />
              )}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
