import { useState } from "preact/hooks";
import { post } from "../api/client";
import { apiPath } from "../api/path";
import type { Moves } from "../api/types";
import { useGet } from "../api/use";
import * as f from "../format";
import { Action, Dialog } from "../ui/dialog";
import { Awaited, Empty } from "../ui/parts";
import { MoveList } from "./shards";

export function RebalanceButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        Rebalance …
      </button>
      {open && (
        <Dialog title="Rebalance" onClose={() => setOpen(false)}>
          <Preview onDone={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

/** What would move, also if nodes came or went; carried out only as it is. */
function Preview({ onDone }: { onDone: () => void }) {
  const [without, setWithout] = useState("");
  const [joining, setJoining] = useState("");
  const [question, setQuestion] = useState({ without: "", with: "" });
  const answer = useGet<Moves>(apiPath(["rebalance"], question));
  const assumed = question.without !== "" || question.with !== "";
  return (
    <div class="stack">
      <p>
        Shards move to where rendezvous hashing alone would put them. This is
        what would move{assumed ? ", if it were so" : " now"}:
      </p>
      <form
        class="filters form"
        onSubmit={(event) => {
          event.preventDefault();
          setQuestion({ without: without.trim(), with: joining.trim() });
        }}
      >
        <label class="field">
          <span>Without nodes</span>
          <input
            class="input"
            placeholder="worker-2"
            value={without}
            onInput={(event) => setWithout(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>With nodes (NAME:WEIGHT)</span>
          <input
            class="input"
            placeholder="worker-3:1"
            value={joining}
            onInput={(event) => setJoining(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button">
          Preview
        </button>
      </form>
      <Awaited answer={answer}>
        {({ moves }) => (
          <>
            {moves.length ? (
              <MoveList moves={moves} />
            ) : (
              <Empty>Nothing would move.</Empty>
            )}
            <div class="actions">
              <Action
                name="Carry out"
                question={`${f.plural(moves.length, "shard")} ${moves.length === 1 ? "moves" : "move"}; each pauses for a moment, the others do not.`}
                impossible={
                  assumed
                    ? "this is only a preview of what nodes would change"
                    : moves.length
                      ? undefined
                      : "nothing would move"
                }
                act={() =>
                  post<Moves>(apiPath(["rebalance"])).then(
                    (x) => `${f.plural(x.moves.length, "shard")} on the move.`,
                  )
                }
                onDone={onDone}
              />
            </div>
          </>
        )}
      </Awaited>
    </div>
  );
}
