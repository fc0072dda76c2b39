import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "./api/types";

/** Who is logged in; below App there always is somebody. */
export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  return useContext(SessionContext)!;
}
