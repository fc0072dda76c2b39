// Requests. Whoever reads continuously watches the path instead (live.ts).
import type { Problem, Session } from "./types";
import { apiPath } from "./path";

/** What the server says went wrong, or what kept us from asking it. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }

  get loggedOut(): boolean {
    return this.problem.status === 401;
  }
}

export function asProblem(reason: unknown): Problem {
  if (reason instanceof ApiError) return reason.problem;
  const detail = reason instanceof Error ? reason.message : String(reason);
  return { type: "about:blank", title: "Error", status: 0, detail };
}

let csrf = "";
let whenLoggedOut = () => {};

/** Calls `f` whenever an answer says that there is no session (any more). */
export function onLoggedOut(f: () => void): void {
  whenLoggedOut = f;
}

async function problemOf(answer: Response): Promise<Problem> {
  const fallback = {
    type: "about:blank",
    title: answer.statusText || `Status ${answer.status}`,
    status: answer.status,
    detail: `the server answered ${answer.status} without a reason`,
  };
  try {
    return { ...fallback, ...((await answer.json()) as Partial<Problem>) };
  } catch {
    return fallback; // no JSON: of a proxy, perhaps
  }
}

async function request<T>(
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 20_000);
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: limit.signal,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new ApiError({
      type: "no_answer",
      title: "No answer",
      status: 0,
      detail: limit.signal.aborted
        ? "the server gave no answer for 20 s: is its master alive?"
        : "the server cannot be reached: is its master running?",
    });
  } finally {
    clearTimeout(timer);
  }
  if (!answer.ok) {
    const error = new ApiError(await problemOf(answer));
    if (error.loggedOut) whenLoggedOut();
    throw error;
  }
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

export const get = <T>(path: string) => request<T>("GET", path);

/** Carries out an action. */
export const post = <T>(path: string) => request<T>("POST", path);

const session = apiPath(["session"]);

function entered(x: Session): Session {
  csrf = x.csrf;
  return x;
}

export const currentSession = () => get<Session>(session).then(entered);

export const logIn = (token: string) =>
  request<Session>("POST", session, { token }).then(entered);

export const logOut = () => request<void>("DELETE", session);
