import type { ComponentChildren } from "preact";
import type { Answer } from "../api/live";
import type { Level, Problem } from "../api/types";
import { useConnection, useNow } from "../api/use";
import { silence } from "../api/live";
import { age, seconds } from "../format";
import { Icon } from "./icons";

export function Card(props: {
  title?: string;
  side?: ComponentChildren;
  children: ComponentChildren;
  flush?: boolean;
}) {
  const { title, side, children, flush } = props;
  return (
    <section class="card" aria-label={title}>
      {title && (
        <header>
          <h2>{title}</h2>
          {side}
        </header>
      )}
      {flush ? children : <div class="body">{children}</div>}
    </section>
  );
}

export function PageHead(props: {
  title: string;
  children?: ComponentChildren;
  text?: ComponentChildren;
}) {
  return (
    <div class="page-head">
      <div class="grow">
        <h1 tabIndex={-1}>{props.title}</h1>
        {props.text && <p>{props.text}</p>}
      </div>
      {props.children}
    </div>
  );
}

/** A state with its level, told by shape and word, not by colour alone. */
export function Badge({ level, text }: { level: Level | "none"; text: string }) {
  return (
    <span class={`badge ${level}`}>
      {level !== "none" && <Icon name={level} size={12} />}
      {text}
    </span>
  );
}

export function Notice(props: {
  level: Level;
  children: ComponentChildren;
  role?: "alert" | "status";
}) {
  return (
    <div class={`notice ${props.level}`} role={props.role}>
      <Icon name={props.level} />
      <div>{props.children}</div>
    </div>
  );
}

export function ProblemNotice({ problem }: { problem: Problem }) {
  return (
    <Notice level={problem.status === 404 ? "info" : "critical"} role="alert">
      <p>
        <strong>{problem.title}</strong>
        {problem.detail && problem.detail !== problem.title
          ? `: ${problem.detail}`
          : ""}
      </p>
      {problem.leader && (
        <p>
          The leading master's console: <a href={problem.leader}>{problem.leader}</a>
        </p>
      )}
    </Notice>
  );
}

export const Empty = ({ children }: { children: ComponentChildren }) => (
  <p class="empty">{children}</p>
);

/** How old something is, while it is not being renewed; else nothing. */
export function Stale({ at }: { at: number }) {
  const now = useNow();
  const { state, heardAt } = useConnection();
  const old = state !== "open" || now - heardAt > silence;
  if (!at || !old) return null;
  return <span class="stale small nowrap">{age(at, now)}</span>;
}

/** A node or actor that does not answer, in words. */
export function Silent({ silent_for_s }: { silent_for_s?: number | null }) {
  if (silent_for_s == null) return null;
  return <Badge level="critical" text={`no answer for ${seconds(silent_for_s)}`} />;
}

/**
 * What is watched, once there: until then that it is awaited, or why there is
 * none. An error behind data is shown above it.
 */
export function Awaited<T>(props: {
  answer: Pick<Answer<T>, "data" | "error">;
  children: (data: T) => ComponentChildren;
}) {
  const { data, error } = props.answer;
  if (data === null)
    return error ? (
      <ProblemNotice problem={error} />
    ) : (
      <p class="empty" aria-busy="true">
        Waiting for an answer …
      </p>
    );
  return (
    <>
      {error && <ProblemNotice problem={error} />}
      {props.children(data)}
    </>
  );
}

export function Fact(props: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

export function Meter(props: { share: number; level?: Level; label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, props.share)) * 100);
  return (
    <div
      class={`meter ${props.level ?? "info"}`}
      role="img"
      aria-label={`${props.label}: ${percent} %`}
    >
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

/** How much of the day's calls is left. */
export function LeftMeter({ share }: { share: number }) {
  const level = share > 0.2 ? "ok" : share > 0 ? "warning" : "critical";
  return <Meter share={share} label="Left today" level={level} />;
}

/** One of a few, as buttons in a row. */
export function Segments<T extends string>(props: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChoose: (x: T) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label}>
      {props.options.map(([value, text]) => (
        <button
          key={value}
          type="button"
          class="button"
          aria-pressed={value === props.value}
          onClick={() => props.onChoose(value)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

export function Select(props: {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChoose: (x: string) => void;
}) {
  return (
    <select
      class="select"
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onChoose(event.currentTarget.value)}
    >
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

export function Search(props: {
  label: string;
  value: string;
  onInput: (x: string) => void;
}) {
  return (
    <input
      class="input search"
      type="search"
      data-search
      aria-label={props.label}
      placeholder={props.label}
      value={props.value}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  );
}
