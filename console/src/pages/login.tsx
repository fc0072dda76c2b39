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
          The master prints its tokens once, when it starts: one for viewers, who
          read, and one for operators, who also act.
        </p>
      </div>
    </main>
  );
}
