// What operators do from more than one page.
import { post } from "../api/client";
import { apiPath } from "../api/path";
import type { Nodes, Ticker } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { Action } from "../ui/dialog";

/** Pauses a ticker, or resumes it if it is paused. */
export function PauseButton({ symbol }: { symbol: string }) {
  const path = apiPath(["tickers", symbol]);
  const ticker = useLive<Ticker>(path).data;
  if (!ticker) return null;
  const act = (verb: string) => () =>
    post<{ text: string }>(`${path}/${verb}`).then((x) => x.text);
  return ticker.paused ? (
    <Action
      name={`Resume ${symbol}`}
      question={`${symbol} is fetched again, from its last bar on.`}
      act={act("resume")}
    />
  ) : (
    <Action
      name={`Pause ${symbol}`}
      question={`${symbol} is not fetched until it is resumed, across restarts too. What is in Kafka already is still stored.`}
      act={act("pause")}
    />
  );
}

/** Drains a worker, or takes it back if it is drained. */
export function DrainButton({ node }: { node: string }) {
  const worker = useLive<Nodes>("/api/v1/nodes").data?.items.find(
    (x) => x.name === node && x.role === "worker",
  );
  if (!worker || worker.state === "gone") return null;
  const act = (verb: string) => () =>
    post<{ shards: number }>(apiPath(["nodes", node, verb])).then(({ shards }) =>
      verb === "drain"
        ? `${node} is being drained: ${f.plural(shards, "shard")} to move.`
        : `${node} gets shards again; it serves ${f.count(shards)} now.`,
    );
  return worker.state === "drained" ? (
    <Action
      name={`Undrain ${node}`}
      question={`${node} may have shards again; those that rendezvous hashing gives it move to it.`}
      act={act("undrain")}
    />
  ) : (
    <Action
      name={`Drain ${node}`}
      question={`All ${f.plural(worker.shards, "shard")} of ${node} move to other workers, and it gets none until it is undrained.`}
      act={act("drain")}
    />
  );
}
