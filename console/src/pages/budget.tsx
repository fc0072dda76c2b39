import type { Budget } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import {
  Awaited,
  Card,
  Fact,
  LeftMeter,
  Notice,
  PageHead,
  Stale,
} from "../ui/parts";

export function BudgetPage() {
  const answer = useLive<Budget>("/api/v1/budget");
  return (
    <>
      <PageHead
        title="Budget and plan"
        text="Calls are counted before they are made, across nodes and restarts."
      >
        <Stale at={answer.at} />
      </PageHead>
      <Awaited answer={answer}>{(x) => <Shown x={x} />}</Awaited>
    </>
  );
}

function Shown({ x }: { x: Budget }) {
  const limit = (n: number) => (n ? f.count(n) : "no limit");
  const part = x.calls_per_day ? (x.left_today ?? 0) / x.calls_per_day : 1;
  return (
    <>
      {x.closed_for_ms > 0 && (
        <Notice level="warning">
          <p>
            No call for {f.millis(x.closed_for_ms)}: {x.closed_reason}
          </p>
        </Notice>
      )}
      <div class="grid">
        <Card title="Today">
          <div class="stack">
            <p class="figure">
              {x.calls_per_day ? (
                <>
                  {f.count(x.left_today)}{" "}
                  <small>of {f.count(x.calls_per_day)} calls left</small>
                </>
              ) : (
                <>
                  {f.count(x.used_today)} <small>calls, no limit</small>
                </>
              )}
            </p>
            <LeftMeter share={part} />
            <dl class="facts">
              <Fact name="Used today">{f.count(x.used_today)}</Fact>
              <Fact name="Begins anew">{f.newYork(x.resets_at)} New York</Fact>
              <Fact name="Granted">{f.count(x.granted)}</Fact>
              <Fact name="Refused">{f.count(x.refused)}</Fact>
            </dl>
          </div>
        </Card>
        <Card title="Plan">
          <div class="stack">
            <p>{x.text}</p>
            <dl class="facts">
              <Fact name="Calls a minute">{limit(x.calls_per_minute)}</Fact>
              <Fact name="Calls a day">{limit(x.calls_per_day)}</Fact>
            </dl>
            <p class="small muted">
              What the plan of your key allows is set by
              api_calls_per_minute and api_calls_per_day.
            </p>
          </div>
        </Card>
      </div>
    </>
  );
}
