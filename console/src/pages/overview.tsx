import type { Overview, Stage } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { href } from "../router";
import { Icon } from "../ui/icons";
import { Awaited, Badge, Card, LeftMeter, PageHead, Stale } from "../ui/parts";
import { Spark } from "../ui/spark";
import { AlertList } from "./alerts";

const path = "/api/v1/overview";

export function OverviewPage() {
  const answer = useLive<Overview>(path);
  return (
    <>
      <PageHead title="Overview">
        <Stale at={answer.at} />
      </PageHead>
      <Awaited answer={answer}>{(x) => <Shown x={x} />}</Awaited>
    </>
  );
}

function Shown({ x }: { x: Overview }) {
  return (
    <>
      <div class={`headline ${x.level}`}>
        <Icon name={x.level} size={22} />
        <div>
          <p class="sentence">{x.headline}</p>
          <p class="muted small">
            {x.master} leads in term {x.term}, for {f.seconds(x.uptime_s)};
            version {x.version}
          </p>
        </div>
      </div>
      <Pipeline stages={x.stages} />
      <div class="tiles">
        <Series
          title="Bars stored"
          now={f.rate(x.bars_per_s)}
          values={x.history.map((y) => y.bars_per_s)}
        />
        <Series
          title="Lag"
          now={f.plural(x.lag, "record")}
          values={x.history.map((y) => y.lag)}
        />
        <Series
          title="Messages"
          now={f.rate(x.history.at(-1)?.messages_per_s)}
          values={x.history.map((y) => y.messages_per_s)}
        />
        <Left x={x} />
      </div>
      <div class="grid">
        <Card
          title="Alerts"
          flush
          side={<a href={href(["alerts"])}>All alerts</a>}
        >
          <AlertList alerts={x.alerts.slice(0, 6)} />
        </Card>
        <Counts x={x} />
      </div>
    </>
  );
}

const names: Record<Stage["name"], [string, string]> = {
  source: ["Source", "budget"],
  fetchers: ["Fetchers", "actors?kind=fetcher"],
  kafka: ["Kafka", "nodes"],
  aggregators: ["Aggregators", "actors?kind=aggregator"],
  writers: ["Writers", "actors?q=writer"],
  postgres: ["PostgreSQL", "dead-letters"],
};

function Pipeline({ stages }: { stages: Stage[] }) {
  return (
    <ol class="pipeline" aria-label="Pipeline, from the source to the tables">
      {stages.map((x) => {
        const [title, page] = names[x.name] ?? [x.name, "overview"];
        const moving = (x.per_s ?? 0) > 0;
        return (
          <li key={x.name} class={moving ? "stage moving" : "stage"}>
            <a href={`#/${page}`} class={`card ${x.level}`}>
              <span class="name">
                <Icon name={x.level} size={14} />
                <span class="hidden">{x.level}</span>
                {title}
              </span>
              <span class="figure">
                {f.rate(x.per_s)} <small>{x.unit}</small>
              </span>
              <span class="small muted">
                {x.text}
              </span>
            </a>
          </li>
        );
      })}
    </ol>
  );
}

function Series(props: {
  title: string;
  now: string;
  values: (number | null | undefined)[];
}) {
  return (
    <section class="card tile" aria-label={props.title}>
      <h2>{props.title}</h2>
      <p class="figure">{props.now}</p>
      <Spark values={props.values} label={props.title} />
    </section>
  );
}

function Left({ x }: { x: Overview }) {
  const { budget } = x;
  const limited = budget.calls_per_day > 0;
  const left = budget.left_today ?? 0;
  const part = limited ? left / budget.calls_per_day : 1;
  return (
    <section class="card tile" aria-label="Budget left">
      <h2>
        <a href={href(["budget"])}>Budget left</a>
      </h2>
      <p class="figure">
        {limited ? (
          <>
            {f.count(left)} <small>of {f.count(budget.calls_per_day)} calls today</small>
          </>
        ) : (
          <>
            no limit <small>{f.count(budget.used_today)} calls today</small>
          </>
        )}
      </p>
      <LeftMeter share={part} />
      <p class="small muted">{budget.closed_reason || budget.text}</p>
    </section>
  );
}

function Counts({ x }: { x: Overview }) {
  const row = (
    name: string,
    page: string,
    total: string,
    bad: [number | undefined, string, "warning" | "critical" | "info"][],
  ) => (
    <tr key={name}>
      <th scope="row">
        <a href={href([page])}>{name}</a>
      </th>
      <td>{total}</td>
      <td>
        <span class="row">
          {bad
            .filter(([n]) => n)
            .map(([n, text, level]) => (
              <Badge key={text} level={level} text={`${f.count(n)} ${text}`} />
            ))}
        </span>
      </td>
    </tr>
  );
  const { nodes, shards, actors, tickers, totals } = x;
  return (
    <Card title="What there is" flush>
      <table class="counts">
        <tbody>
          {row("Nodes", "nodes", `${f.count(nodes.alive)} alive`, [
            [nodes.dead, "dead", "critical"],
            [nodes.suspect, "suspect", "warning"],
            [nodes.drained, "drained", "info"],
          ])}
          {row(
            "Shards",
            "nodes",
            `${f.count(shards.running)} of ${f.count(shards.total)} running`,
            [
              [shards.unowned, "unowned", "critical"],
              [shards.moving, "moving", "info"],
            ],
          )}
          {row("Actors", "actors", `${f.count(actors.alive)} alive`, [
            [actors.stuck, "stuck", "critical"],
            [actors.died, "died of late", "info"],
          ])}
          {row(
            "Tickers",
            "tickers",
            `${f.count(tickers.fresh)} of ${f.count(tickers.total)} fresh`,
            [
              [tickers.late, "late", "warning"],
              [tickers.paused, "paused", "info"],
            ],
          )}
          {row("Bars", "tickers", f.count(totals.bars), [
            [totals.corrections, "corrected", "info"],
            [totals.duplicates, "doubled", "info"],
          ])}
          {row("Windows", "tickers", f.count(totals.windows), [])}
          {row("Dead letters", "dead-letters", f.count(totals.dead_letters), [])}
        </tbody>
      </table>
    </Card>
  );
}
