import type { HttpRequest } from "../../foundation/http/index.ts";

/** The request that a guest has in hand where no client made one: a command, a rehearsal, a trial. */
export function nobodysRequest(): HttpRequest {
  return { method: "GET", scheme: "http", authority: "localhost", target: "/", headers: [], body: undefined };
}
