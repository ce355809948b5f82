import { usualCounts } from "../../src/model/plan/index.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loggerTo, type LogLine } from "../../src/foundation/log/index.ts";
import { createGateway, type Gateway } from "../../src/gateway/index.ts";
import type { ComponentLimits, ComponentPlan, GatewayPlan } from "../../src/model/plan/index.ts";
import { hostLookup } from "../../src/wasm/index.ts";
import { PreparedStore } from "../../src/wasm/prepare/index.ts";
import { builtGuest } from "../guests/built.ts";
import { ask, type Answer, type AskOptions } from "./ask.ts";
import { watGuest } from "./wat-guest.ts";

const root = join(import.meta.dirname, "../..");

export interface GuestSite {
  gateway: Gateway;
  port: number;
  lines: LogLine[];
  plan: GatewayPlan;
  ask(path: string, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

export const limits: ComponentLimits = {
  memory: 64 << 20,
  cpu: 100,
  wall: 1000,
  requestBody: 1 << 20,
  responseBody: 1 << 20,
  ...usualCounts,
};

/** A guest by the folder that its sources stand in, under `tests`, or its component. */
export interface GuestChoice {
  folder?: string;
  component?: Uint8Array;
  isolation?: ComponentPlan["isolation"];
  limits?: Partial<ComponentLimits>;
  /** Whom it may send requests to. */
  http?: string[];
}

/**
 * A gateway with one thread that serves each guest under `/<name>`.
 * @param failing guests that cannot be loaded are left out and their errors kept in `lines`.
 */
export async function startGuests(guests: Record<string, GuestChoice>): Promise<GuestSite> {
  const scratch = await mkdtemp(join(tmpdir(), "bandstand-resilience-"));
  const preparedFolder = join(scratch, "prepared");
  const store = await PreparedStore.open(preparedFolder);
  const components: ComponentPlan[] = [];
  for (const [name, guest] of Object.entries(guests)) {
    const bytes = guest.component ?? (await builtFrom(join(root, "tests", guest.folder!)));
    const { digest } = await store.prepare(bytes, hostLookup, guest.isolation ?? "request");
    components.push({
      id: `default/${name}`,
      digest,
      isolation: guest.isolation ?? "request",
      runtime: "v8",
      limits: { ...limits, ...guest.limits },
      capabilities: { http: guest.http ?? [], services: [], keyValue: [] },
      config: {},
      identityHeaders: [],
    });
  }
  const plan = planOf(components);
  const lines: LogLine[] = [];
  const gateway = createGateway({
    preparedFolder,
    logger: loggerTo((line) => void lines.push(line), { minimum: "debug" }),
    workers: 1,
  });
  const close = async (): Promise<void> => {
    await gateway.close();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    await gateway.apply(plan, new Map());
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = gateway.state().listeners[0]!;
  return { gateway, port, lines, plan, ask: (path, options) => ask(port, path, options), close };
}

async function builtFrom(sources: string): Promise<Uint8Array> {
  return (await watGuest(sources)) ?? builtGuest(sources);
}

function planOf(components: ComponentPlan[]): GatewayPlan {
  const listener = "default/site/http";
  return {
    site: "resilience",
    listeners: [{ id: listener, address: "127.0.0.1", port: 0, protocol: "HTTP" }],
    routes: [
      {
        id: "default/guests",
        attachments: [{ listener, hostnames: [] }],
        rules: components.map(({ id }) => ({
          matches: [{ path: { type: "PathPrefix" as const, value: `/${id.split("/")[1]}` }, headers: [], query: [] }],
          filters: [],
          backends: [{ weight: 1, target: { type: "Component" as const, component: id }, filters: [] }],
          timeouts: {},
        })),
      },
    ],
    services: [],
    components,
  };
}
