import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Items, LogLine } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { actorHref } from "../ui/links";
import { Awaited, Badge } from "../ui/parts";

const levels = {
  debug: "none",
  info: "none",
  warning: "warning",
  error: "critical",
} as const;

/** Lines of a watched path; follows the newest unless scrolled up. */
export function LogLines(props: { path: string; short?: boolean }) {
  const answer = useLive<Items<LogLine>>(props.path);
  const [held, setHeld] = useState<LogLine[] | null>(null);
  const box = useRef<HTMLUListElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (follows.current && box.current)
      box.current.scrollTop = box.current.scrollHeight;
  });
  const scrolled = (list: HTMLElement) => {
    const end = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
    if (end === follows.current) return;
    follows.current = end;
    // What is being read must not move away under the reader.
    setHeld(end ? null : (answer.data?.items ?? null));
  };
  return (
    <Awaited answer={answer}>
      {(data) => {
        const lines = held ?? data.items;
        if (!lines.length) return <p class="empty">No lines.</p>;
        return (
          <>
            <ul
              class={props.short ? "log short" : "log"}
              ref={box}
              tabIndex={0}
              aria-label="Log lines, oldest first"
              onScroll={(event) => scrolled(event.currentTarget)}
            >
              {lines.map((x, i) => (
                <li key={`${x.at} ${i}`}>
                  <span class="at" title={x.at}>
                    {f.clock(x.at).slice(-8)}
                  </span>
                  <span>
                    <Badge level={levels[x.level]} text={x.level} />
                  </span>
                  <span class="node">
                    {x.actor != null ? (
                      <a href={actorHref(x.node, x.actor)}>{x.node}</a>
                    ) : (
                      x.node
                    )}
                  </span>
                  <span class="text">{x.text}</span>
                </li>
              ))}
            </ul>
            <div class="table-foot">
              {held
                ? "Held while you read: scroll to the end to go on."
                : `${f.plural(lines.length, "line")}, live`}
            </div>
          </>
        );
      }}
    </Awaited>
  );
}
