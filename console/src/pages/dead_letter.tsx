import { useState } from "preact/hooks";
import { post } from "../api/client";
import { apiPath } from "../api/path";
import type { DeadLetterFull } from "../api/types";
import { useGet } from "../api/use";
import * as f from "../format";
import { hexLines } from "../hex";
import { href } from "../router";
import { Action } from "../ui/dialog";
import { Awaited, Card, Fact, PageHead, Segments } from "../ui/parts";
import type { PageProps } from "./lazy";

export function DeadLetterPage({ parts }: PageProps) {
  const path = apiPath(["dead-letters", ...parts]);
  const answer = useGet<DeadLetterFull>(path);
  return (
    <>
      <nav class="small" aria-label="Way here">
        <a href={href(["dead-letters"])}>Dead letters</a> / {parts.join(" / ")}
      </nav>
      <Awaited answer={answer}>{(x) => <Shown x={x} path={path} />}</Awaited>
    </>
  );
}

function Shown({ x, path }: { x: DeadLetterFull; path: string }) {
  const [view, setView] = useState<"text" | "hex">("text");
  return (
    <>
      <PageHead title={x.reason} text={x.detail}>
        <Action
          name="Replay"
          question={`The record is sent to the raw topic again, as it was. If what made it unusable is not fixed, it comes back here.`}
          impossible={
            x.can_replay ? undefined : "it has no key or payload to send"
          }
          act={() =>
            post<{ topic: string; shard: number; offset: number }>(
              `${path}/replay`,
            ).then(
              (y) => `Sent: ${y.topic}, shard ${y.shard}, offset ${y.offset}.`,
            )
          }
        />
      </PageHead>
      <Card>
        <dl class="facts">
          <Fact name="Stored">{f.clock(x.stored_at)}</Fact>
          <Fact name="Topic">{x.topic}</Fact>
          <Fact name="Shard">{x.shard}</Fact>
          <Fact name="Offset">{x.offset}</Fact>
          <Fact name="Key">
            <span class="mono">{x.key || f.unknown}</span>
          </Fact>
          <Fact name="Size">{f.bytes(x.size)}</Fact>
        </dl>
      </Card>
      <Card
        title="Payload"
        flush
        side={
          <Segments
            label="Payload as"
            value={view}
            options={[
              ["text", "Text"],
              ["hex", "Bytes"],
            ]}
            onChoose={setView}
          />
        }
      >
        <pre class="bytes" tabIndex={0} role="group" aria-label="Payload">
          {view === "hex"
            ? hexLines(x.payload_base64) ||
              "It is too large to be shown byte by byte, or empty."
            : pretty(x.payload) || "It is empty."}
        </pre>
      </Card>
    </>
  );
}

/** JSON indented, all else as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
