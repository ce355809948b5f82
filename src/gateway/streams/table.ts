import type { ListenerPlan, StreamRoutePlan } from "../../model/plan/index.ts";
import { compileChoice } from "../chain/choose.ts";
import { HostTable } from "../match/index.ts";
import type { Destination } from "./server.ts";
import type { Refused, StreamRule, StreamTarget } from "./targets.ts";

type Backend = StreamRoutePlan["backends"][number];

interface StreamListener {
  /** Its handshakes are made here. */
  terminates: boolean;
  rules: HostTable<StreamRule>;
}

const nowhere: Refused = { route: "", reason: "no-route" };

/** Where the connections of one listening socket go: compiled, like routes of requests. */
export class StreamTable {
  readonly #listeners = new HostTable<StreamListener>();

  /** @param targetOf what is left of a backend; undefined: its share goes nowhere. */
  constructor(
    listeners: ListenerPlan[],
    routes: readonly StreamRoutePlan[],
    targetOf: (route: string, backend: Backend, listener: ListenerPlan) => StreamTarget | undefined,
  ) {
    for (const listener of listeners) {
      const { hostname, protocol, passthrough = false } = listener;
      const terminates = protocol === "TLS" && !passthrough;
      const { rules } = this.#listeners.getOrAdd(hostname, () => ({ terminates, rules: new HostTable() }));
      for (const { id, attachments, backends } of routes) {
        const attached = attachments.find((attachment) => attachment.listener === listener.id);
        if (attached === undefined) continue;
        const rule = compileRule(id, backends, (backend) => targetOf(id, backend, listener));
        // The older route stays.
        for (const name of attached.hostnames.length === 0 ? [undefined] : attached.hostnames) {
          rules.getOrAdd(name, () => rule);
        }
      }
    }
  }

  /** The most specific listener of a name takes the connection alone. @param terminated its handshake was made here. */
  find(name: string | undefined, terminated: boolean): Destination {
    const host = name ?? "";
    const listener = this.#listeners.find(host, (found) => found);
    if (listener === undefined) return nowhere;
    if (listener.terminates && !terminated) return "terminate";
    return listener.rules.find(host, (rule) => rule)?.() ?? nowhere;
  }

  /** Of a socket where nothing tells connections apart. */
  any(): StreamTarget | Refused {
    return this.#listeners.find("", ({ rules }) => rules.find("", (rule) => rule))?.() ?? nowhere;
  }
}

function compileRule(
  route: string,
  backends: readonly Backend[],
  targetOf: (backend: Backend) => StreamTarget | undefined,
): StreamRule {
  const refused: Refused = { route, reason: "unresolved" };
  const choices = backends.map((backend) => ({ weight: backend.weight, value: targetOf(backend) ?? refused }));
  return compileChoice<StreamTarget | Refused>(choices) ?? (() => refused);
}
