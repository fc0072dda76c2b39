import { useEffect, useState } from "preact/hooks";
import {
  asProblem,
  currentSession,
  logIn,
  onLoggedOut,
} from "./api/client";
import type { Problem, Session } from "./api/types";
import { live } from "./api/use";
import { Login } from "./pages/login";
import { SessionContext } from "./session";
import { Shell } from "./shell";
import { ProblemNotice } from "./ui/parts";

const linkToken = /^#\/?(?:login\?)?token=(.+)$/;

/** The token of a login link, taken out of the address before it is used. */
function tokenOfLink(): string | null {
  const token = linkToken.exec(location.hash)?.[1];
  if (!token) return null;
  history.replaceState(null, "", "#/");
  return decodeURIComponent(token);
}

/** Nothing is asked for while nobody can see it. */
function followVisibility(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => live.stop(), 20_000);
    else live.start();
  };
  document.addEventListener("visibilitychange", changed);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", changed);
  };
}

export function App() {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asked, setAsked] = useState(false);

  const ask = () => {
    const token = tokenOfLink();
    setProblem(null);
    (token ? logIn(token) : currentSession())
      .then(setSession)
      .catch((reason: unknown) => {
        const why = asProblem(reason);
        // Without a session the login page says all there is to say.
        if (why.status !== 401 || token) setProblem(why);
      })
      .finally(() => setAsked(true));
  };

  useEffect(() => {
    onLoggedOut(() => setSession(null));
    ask();
    // A login link opened where the page is shown already.
    const followed = () => {
      if (linkToken.test(location.hash)) ask();
    };
    addEventListener("hashchange", followed);
    return () => removeEventListener("hashchange", followed);
  }, []);

  useEffect(() => {
    if (!session) return;
    live.start();
    const unfollow = followVisibility();
    const timer = setInterval(() => live.check(), 1000);
    return () => {
      unfollow();
      clearInterval(timer);
      live.stop();
      live.forget();
    };
  }, [session !== null]);

  if (session)
    return (
      <SessionContext.Provider value={session}>
        <Shell onLogOut={() => setSession(null)} />
      </SessionContext.Provider>
    );
  if (!asked) return <p class="empty">Tickerflow …</p>;
  if (problem && problem.status !== 401)
    return (
      <main class="login">
        <div class="card stack">
          <h1>Tickerflow</h1>
          <ProblemNotice problem={problem} />
          <button type="button" class="button primary" onClick={ask}>
            Try again
          </button>
        </div>
      </main>
    );
  return (
    <Login
      key={problem?.detail}
      onEntered={(x) => {
        setProblem(null);
        setSession(x);
      }}
      problem={problem}
    />
  );
}
