import type { ComponentChildren } from "preact";

function value(x: unknown, indent: string): ComponentChildren {
  if (x === null || typeof x !== "object") {
    const kind = typeof x === "string" ? "text" : "number";
    return <span class={kind}>{JSON.stringify(x)}</span>;
  }
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(x) ? "[]" : "{}";
  const entries = Object.entries(x as Record<string, unknown>);
  if (!entries.length) return open + close;
  return (
    <>
      {open}
      {entries.map(([key, item], i) => (
        <>
          {`\n${deeper}`}
          {!Array.isArray(x) && (
            <>
              <span class="key">{JSON.stringify(key)}</span>
              {": "}
            </>
          )}
          {value(item, deeper)}
          {i + 1 < entries.length && ","}
        </>
      ))}
      {`\n${indent}${close}`}
    </>
  );
}

/** JSON, indented and coloured. */
export function Json({ label, data }: { label: string; data: unknown }) {
  return (
    <pre class="json" tabIndex={0} role="group" aria-label={label}>
      {value(data, "")}
    </pre>
  );
}
