import { apiPath } from "../api/path";
import { post } from "../api/client";
import type { ActorDetail, Peer } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { href } from "../router";
import { Action } from "../ui/dialog";
import { Json } from "../ui/json";
import { NodeLink, TickerLink, actorHref } from "../ui/links";
import {
  Awaited,
  Badge,
  Card,
  Empty,
  Fact,
  Notice,
  PageHead,
  Silent,
  Stale,
} from "../ui/parts";
import { actorLevel } from "../ui/words";
import { DrainButton, PauseButton } from "./actions";
import type { PageProps } from "./lazy";
import { LogLines } from "./log_lines";

type Done = { text: string };

export function ActorPage({ parts }: PageProps) {
  const [node = "", serial = ""] = parts;
  const path = apiPath(["actors", node, serial]);
  const answer = useLive<ActorDetail>(path);
  return (
    <>
      <nav class="small" aria-label="Way here">
        <a href={href(["actors"])}>Actors</a> / <NodeLink node={node} /> / {serial}
      </nav>
      <Awaited answer={answer}>
        {(x) => <Shown x={x} path={path} at={answer.at} />}
      </Awaited>
    </>
  );
}

function Shown({ x, path, at }: { x: ActorDetail; path: string; at: number }) {
  const { actor } = x;
  const symbol = actor.labels.ticker ?? actor.labels.symbol;
  return (
    <>
      <PageHead title={actor.name}>
        <Stale at={at} />
        <Silent silent_for_s={x.silent_for_s} />
        <Badge level={actorLevel(actor)} text={actor.state} />
        <Action
          name="Restart"
          danger
          question={`${actor.name} on ${actor.node} ends now, and its supervisor starts another. What waits in its mailbox is lost to it; records are read again.`}
          impossible={
            x.can_restart ? undefined : "nothing would start it again"
          }
          act={() => post<Done>(`${path}/restart`).then((y) => y.text)}
        />
        {symbol && <PauseButton symbol={symbol} />}
        <DrainButton node={actor.node} />
      </PageHead>
      {actor.state === "dead" && (
        <Notice level="critical">
          <p>
            It died
            {actor.last_death &&
              ` at ${f.clock(actor.last_death.at)}: ${actor.last_death.reason}`}
            . What is below is the last that it told.
          </p>
        </Notice>
      )}
      <Card>
        <Facts x={x} symbol={symbol} />
      </Card>
      <div class="grid wide">
        <Card
          title="State"
          flush
          side={
            x.state_age_ms != null && (
              <span class="muted small">
                {f.millis(x.state_age_ms)} old, told by itself between two
                messages
              </span>
            )
          }
        >
          {x.state ? (
            <Json label="State" data={x.state} />
          ) : (
            <Empty>Not told yet.</Empty>
          )}
        </Card>
        <Card title="Last messages" flush>
          <Messages x={x} />
        </Card>
        <Card title="Who sends to it" flush>
          <Peers
            peers={x.senders}
            empty="Nothing came in since somebody looks."
          />
        </Card>
        <Card title="Links and monitors" flush>
          <Peers peers={x.relations} empty="It has none." />
        </Card>
      </div>
      <Card title="Log" flush>
        <LogLines
          path={apiPath(["logs"], {
            node: actor.node,
            actor: actor.serial,
            limit: 200,
          })}
          short
        />
      </Card>
    </>
  );
}

function Facts({ x, symbol }: { x: ActorDetail; symbol?: string }) {
  const { actor } = x;
  return (
    <dl class="facts">
      <Fact name="Kind">{actor.kind}</Fact>
      {symbol && (
        <Fact name="Ticker">
          <TickerLink symbol={symbol} />
        </Fact>
      )}
      {actor.labels.shard && <Fact name="Shard">{actor.labels.shard}</Fact>}
      <Fact name="Mailbox, at most">
        {f.count(actor.mailbox)} / {f.count(actor.mailbox_highest)}
      </Fact>
      <Fact name="In, out">
        {f.rate(actor.in_per_s)}, {f.rate(actor.out_per_s)}
      </Fact>
      <Fact name="Handled">{f.count(actor.handled)}</Fact>
      <Fact name="Handling p50, p99">
        {f.micros(actor.p50_us)}, {f.micros(actor.p99_us)}
      </Fact>
      <Fact name="Handles now">
        {x.handling
          ? `${x.handling.type} for ${f.millis(x.handling.for_ms)}`
          : "nothing"}
      </Fact>
      <Fact name="Uptime">{f.seconds(actor.uptime_s)}</Fact>
      <Fact name="Restarts">{f.count(actor.restarts)}</Fact>
      <Fact name="Last death">
        {actor.last_death
          ? `${f.clock(actor.last_death.at)}: ${actor.last_death.reason}`
          : "none"}
      </Fact>
      <Fact name="Supervisor">
        {actor.supervisor != null ? (
          <a href={actorHref(actor.node, actor.supervisor)}>
            {actor.node}/{actor.supervisor}
          </a>
        ) : (
          "none"
        )}
      </Fact>
    </dl>
  );
}

function Messages({ x }: { x: ActorDetail }) {
  if (!x.messages.length)
    return <Empty>None since somebody looks at it.</Empty>;
  return (
    <div class="table-box short" tabIndex={0} role="group" aria-label="Last messages">
      <table aria-label="Last messages, newest first">
        <thead>
          <tr>
            <th scope="col">At</th>
            <th scope="col">Type</th>
            <th scope="col">From</th>
            <th scope="col" class="right">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {x.messages.map((y, i) => (
            <tr key={`${y.at} ${i}`}>
              <td>{f.clock(y.at)}</td>
              <td class="mono">{y.type}</td>
              <td title={y.from}>{y.from}</td>
              <td class="right">{f.micros(y.took_us)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const relations = {
  link: "linked",
  monitors: "monitors it",
  monitored_by: "is monitored by it",
};

function Peers({ peers, empty }: { peers: Peer[]; empty: string }) {
  if (!peers.length) return <Empty>{empty}</Empty>;
  return (
    <ul class="plain-list">
      {peers.map((x) => (
        <li key={`${x.node} ${x.serial} ${x.name} ${x.relation}`}>
          <div class="grow">
            {x.node && x.serial != null ? (
              <a href={actorHref(x.node, x.serial)}>{x.name}</a>
            ) : (
              x.name
            )}
            {x.node && <span class="muted small"> {x.node}</span>}
          </div>
          <span class="muted nowrap">
            {x.relation
              ? relations[x.relation]
              : `${f.count(x.messages)} (${f.rate(x.per_s)})`}
          </span>
        </li>
      ))}
    </ul>
  );
}
