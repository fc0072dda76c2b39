import { useState } from "preact/hooks";
import { asProblem, logIn } from "../api/client";
import type { Problem, Session } from "../api/types";
import { ProblemNotice } from "../ui/parts";

export function Login(props: {
  onEntered: (x: Session) => void;
  problem: Problem | null;
}) {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState(props.problem);
  const [busy, setBusy] = useState(false);
  const enter = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    logIn(token.trim())
      .then(props.onEntered)
      .catch((reason: unknown) => setProblem(asProblem(reason)))
      .finally(() => setBusy(false));
  };
  document.title = "Log in · Tickerflow";
  return (
    <main class="login">
      <div class="card">
        <div class="brand">
          <img src="/icon.svg" alt="" />
          Tickerflow
        </div>
        <h1>Log in to the console</h1>
        <form onSubmit={enter}>
          <label class="field">
            <span>Token</span>
            <input
              class="input mono"
              type="password"
              name="token"
              autocomplete="current-password"
              required
              maxLength={256}
              autofocus
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          </label>
          {problem && <ProblemNotice problem={problem} />}
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? "Logging in …" : "Log in"}
          </button>
        </form>
        <p class="muted small">
          The start of the pipeline prints a link with the token; on the machine
          of a master it is in its data folder, in console.token. An operator's
          token lets you act, a viewer's lets you look.
        </p>
      </div>
    </main>
  );
}
