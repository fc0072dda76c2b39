import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { asProblem } from "../api/client";
import type { Problem } from "../api/types";
import { useSession } from "../session";
import { ProblemNotice } from "./parts";
import { toast } from "./toast";

/** A modal dialog: Escape closes it, the focus goes back to where it was. */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    element.current!.showModal();
    return () => before?.focus();
  }, []);
  return (
    <dialog
      ref={element}
      aria-label={props.title}
      onClose={props.onClose}
      onClick={(event) => {
        if (event.target === element.current) element.current!.close();
      }}
    >
      <h2>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

export interface ActionProps {
  /** On the button. */
  name: string;
  /** What happens then, as the question before it. */
  question: string;
  danger?: boolean;
  /** Why it cannot be done now; absent: it can. */
  impossible?: string;
  /** Carries it out. @returns what was done, in words */
  act: () => Promise<string>;
  onDone?: () => void;
}

/** A button that asks, acts, and tells how it went. For operators only. */
export function Action(props: ActionProps) {
  const { role } = useSession();
  const [asking, setAsking] = useState(false);
  const reason =
    role === "operator"
      ? props.impossible
      : "this needs the role operator; you are logged in as viewer";
  return (
    <>
      <button
        type="button"
        class={props.danger ? "button danger" : "button"}
        aria-disabled={reason !== undefined}
        title={reason}
        onClick={() => reason === undefined && setAsking(true)}
      >
        {props.name}
      </button>
      {asking && <Question {...props} onClose={() => setAsking(false)} />}
    </>
  );
}

function Question(props: ActionProps & { onClose: () => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const act = () => {
    setBusy(true);
    props
      .act()
      .then((text) => {
        toast(text);
        props.onClose();
        props.onDone?.();
      })
      .catch((reason: unknown) => setProblem(asProblem(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={`${props.name}?`} onClose={props.onClose}>
      <p>{props.question}</p>
      {problem && <ProblemNotice problem={problem} />}
      <div class="actions">
        <button type="button" class="button" onClick={props.onClose}>
          Cancel
        </button>
        <button
          type="button"
          class={props.danger ? "button danger" : "button primary"}
          disabled={busy}
          onClick={act}
        >
          {busy ? "Working …" : props.name}
        </button>
      </div>
    </Dialog>
  );
}
