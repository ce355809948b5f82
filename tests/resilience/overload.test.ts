import { connect, type ClientHttp2Session } from "node:http2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGuests, type GuestSite } from "./harness.ts";

/** Requests at a time: 40 times what one thread serves in half a second. */
const [connections, streams] = [4, 100];
/** A guest that computes for about 5 ms. */
const path = "/works/50";

let site: GuestSite;
beforeAll(async () => {
  site = await startGuests({
    works: { folder: "guests/works", limits: { wall: 20_000 } },
    innocent: { folder: "guests/hello-c" },
  });
});
afterAll(() => site?.close());

it("refuses streams of HTTP/2 one by one where there are too many, in time, serves others, and lets newcomers in", async () => {
  const seen = { served: 0, refused: 0, longest: 0, hints: new Set<unknown>(), else: new Map<string, number>() };
  const note = (what: string): void => void seen.else.set(what, (seen.else.get(what) ?? 0) + 1);
  const sessions = Array.from({ length: connections }, () => {
    const session = connect(`http://127.0.0.1:${site.port}`);
    session.on("error", ({ message }) => note(message)).on("goaway", () => note("the connection was closed"));
    return session;
  });
  let going = true;
  // Each asks again as soon as it was answered.
  const clients = sessions.flatMap((session) => Array.from({ length: streams }, () => client(session)));
  async function client(session: ClientHttp2Session): Promise<void> {
    while (going && !session.destroyed) {
      const began = performance.now();
      const { status, hint } = await stream(session);
      seen.longest = Math.max(seen.longest, performance.now() - began);
      if (status === 200) seen.served++;
      else if (status === 503) {
        seen.refused++;
        seen.hints.add(hint);
      } else note(String(status));
    }
  }
  await expect.poll(() => Math.min(seen.served, seen.refused), { timeout: 60_000, interval: 50 }).toBeGreaterThan(400);
  for (let turn = 0; turn < 10; turn++) expect((await site.ask("/innocent")).status).toBe(200);
  going = false;
  await Promise.all(clients);
  expect(sessions.every(({ closed, destroyed }) => !closed && !destroyed)).toBe(true);
  expect([...seen.else]).toEqual([]);
  expect([...seen.hints]).toEqual(["1"]);
  expect(seen.longest).toBeLessThan(10_000);
  for (const session of sessions) session.destroy();
  await expect.poll(async () => (await site.ask(path)).status).toBe(200);
});

/** Status 0: the stream broke. */
function stream(session: ClientHttp2Session): Promise<{ status: number; hint: unknown }> {
  return new Promise((resolve) => {
    let [status, hint]: [number, unknown] = [0, undefined];
    const sent = session.request({ ":path": path });
    sent.on("response", (head) => {
      status = head[":status"] ?? 0;
      hint = head["retry-after"];
    });
    sent.on("error", () => resolve({ status: 0, hint: undefined })).on("close", () => resolve({ status, hint }));
    sent.resume();
  });
}
