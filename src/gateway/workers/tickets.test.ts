import { spawn } from "node:child_process";
import { connect } from "node:tls";
import { afterEach, expect, it, vi } from "vitest";
import { selfSigned } from "../../foundation/certificates/index.ts";
import { loggerTo } from "../../foundation/log/index.ts";
import { secretKey, type CertificatePlan } from "../../model/plan/index.ts";
import { createGateway, type Gateway } from "../index.ts";
import { component, planOf, rule, toComponent } from "./testing/plans.ts";

const hour = 3_600_000;

let gateway: Gateway | undefined;
afterEach(() => {
  vi.useRealTimers();
  return gateway?.close();
});

/** Two threads with listeners for `a.example` and every name. @returns the port. */
async function serving(): Promise<number> {
  gateway = createGateway({
    preparedFolder: "/nonexistent",
    logger: loggerTo(() => {}),
    workers: 2,
    // No beat within all these hours.
    heartbeat: 100 * hour,
    componentModule: new URL("testing/components.ts", import.meta.url).href,
  });
  const secrets = new Map<string, Uint8Array>();
  const pairFor = (name: string): CertificatePlan => {
    const pair = selfSigned([name]);
    const refer = (key: "certificate" | "key") => {
      const ref = { namespace: "default", name, key, hash: `${name}${key}` };
      secrets.set(secretKey(ref), Buffer.from(pair[key]));
      return ref;
    };
    return { certificate: refer("certificate"), key: refer("key") };
  };
  const plan = planOf([rule("/", toComponent("c"))], { components: [component("c")] });
  const [listener] = plan.listeners;
  if (listener === undefined) throw new Error("no listener");
  const secure = { ...listener, protocol: "HTTPS" as const };
  plan.listeners = [
    { ...secure, certificates: [pairFor("any.example")] },
    { ...secure, id: "default/g/named", hostname: "a.example", certificates: [pairFor("a.example")] },
  ];
  await gateway.apply(plan, secrets);
  return gateway.state().listeners[0]?.port ?? 0;
}

/** One connection: whether it resumed, and a ticket for another. */
function handshake(port: number, name: string, session?: Buffer): Promise<{ resumed: boolean; ticket: Buffer }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, servername: name, rejectUnauthorized: false, ...(session && { session }) });
    const done = (ticket: Buffer): void => {
      resolve({ resumed: socket.isSessionReused(), ticket });
      socket.destroy();
    };
    socket.on("error", reject).on("session", done);
    // After a resumption no other ticket comes.
    socket.on("secureConnect", () => socket.isSessionReused() && done(Buffer.alloc(0)));
  });
}

const resumptions = async (port: number, name: string, ticket: Buffer): Promise<number> => {
  const all = await Promise.all(Array.from({ length: 8 }, () => handshake(port, name, ticket)));
  return all.filter(({ resumed }) => resumed).length;
};

it("a session is resumed with any thread, until the keys of tickets are others", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const port = await serving();
  for (const name of ["a.example", "any.example"]) {
    const { ticket } = await handshake(port, name);
    expect(await resumptions(port, name, ticket)).toBe(8);
    vi.advanceTimersByTime(12 * hour - 1);
    expect(await resumptions(port, name, ticket)).toBe(8);
    vi.advanceTimersByTime(1);
    await expect.poll(() => resumptions(port, name, ticket)).toBe(0);
    const { ticket: later } = await handshake(port, name);
    expect(await resumptions(port, name, later)).toBe(8);
  }
});

it("as OpenSSL's own client resumes it", async () => {
  const port = await serving();
  const asked = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "a.example", "-reconnect", "-tls1_2"];
  const client = spawn("openssl", asked, { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  client.stdout.on("data", (piece: Buffer) => (text += piece.toString()));
  const code = await new Promise((resolve) => client.on("error", resolve).on("close", resolve));
  // A machine without it.
  if (code !== 0) return expect(code).toMatchObject({ code: "ENOENT" });
  expect(text.match(/^(?:New|Reused)/gm)).toEqual(["New", ...Array(5).fill("Reused")]);
});
