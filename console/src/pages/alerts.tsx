import type { Alert, Items } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { href } from "../router";
import { Icon } from "../ui/icons";
import { Awaited, Card, PageHead, Stale } from "../ui/parts";

/** The page that shows what an alert is about. */
function pageOf(x: Alert): string {
  switch (x.about) {
    case "ticker":
      return x.subject ? href(["tickers", x.subject]) : href(["tickers"]);
    case "node":
      return href(["nodes"], { node: x.subject });
    case "shard":
    case "cluster":
    case "kafka":
      return href(["nodes"]);
    case "actor":
      return href(["actors"], { q: x.subject });
    case "budget":
      return href(["budget"]);
    case "records":
      return href(["dead-letters"]);
    case "postgres":
      return href(["logs"], { level: "warning" });
  }
}

export function AlertList({ alerts }: { alerts: readonly Alert[] }) {
  if (!alerts.length)
    return (
      <ul class="plain-list">
        <li class="ok">
          <Icon name="ok" />
          <span class="muted">Nothing is wrong.</span>
        </li>
      </ul>
    );
  return (
    <ul class="plain-list">
      {alerts.map((x) => (
        <li key={`${x.about} ${x.subject} ${x.text}`}>
          <span class={x.level}>
            <Icon name={x.level} />
            <span class="hidden">{x.level}:</span>
          </span>
          <div class="grow">
            <p>{x.text}</p>
            <p class="small muted">
              <a href={pageOf(x)}>
                {x.about}
                {x.subject && ` ${x.subject}`}
              </a>
              {x.since && `, since ${f.clock(x.since)}`}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

export function Alerts() {
  const answer = useLive<Items<Alert>>("/api/v1/alerts");
  return (
    <>
      <PageHead title="Alerts" text="What is wrong now, worst first.">
        <Stale at={answer.at} />
      </PageHead>
      <Awaited answer={answer}>
        {({ items }) => (
          <Card flush>
            <AlertList alerts={items} />
          </Card>
        )}
      </Awaited>
    </>
  );
}
