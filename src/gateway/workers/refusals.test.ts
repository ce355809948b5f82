import { connect as connectHttp2 } from "node:http2";
import { connect, createServer, type AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { loggerTo } from "../../foundation/log/index.ts";
import { createGateway, type CreateGatewayOptions, type Gateway } from "../index.ts";
import { component, planOf, rule, service, toComponent, toService } from "./testing/plans.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

/** A gateway of one worker, and the lines of its access log. */
async function logging(
  mode: CreateGatewayOptions["accessLog"],
  plan = planOf([rule("/", toComponent("c"))], { components: [component("c")] }),
): Promise<{
  gateway: Gateway;
  port: number;
  lines: () => Record<string, unknown>[];
}> {
  let access = "";
  const gateway = createGateway({
    preparedFolder: "/nonexistent",
    logger: loggerTo(() => {}),
    workers: 1,
    componentModule: new URL("testing/components.ts", import.meta.url).href,
    accessLog: mode,
    writeAccess: (lines, done) => {
      access += Buffer.from(lines).toString();
      done();
    },
  });
  cleanups.push(() => gateway.close());
  await gateway.apply(plan, new Map());
  const lines = (): Record<string, unknown>[] =>
    access
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { gateway, port: gateway.state().listeners[0]?.port ?? 0, lines };
}

/** What comes back for these bytes until the connection ends. */
function answerTo(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(text, "latin1"));
    socket.setEncoding("latin1").on("data", (piece: string) => (answer += piece));
    socket.on("end", () => resolve(answer)).on("error", reject);
    cleanups.push(() => socket.destroy());
  });
}

const host = "Host: a\r\n";

it("write down who sent what cannot be read, and name it in the answer", async () => {
  const { port, lines } = await logging("all");
  const refused = [
    [`GET /%zz HTTP/1.1\r\n${host}\r\n`, "request-malformed", { method: "GET", authority: "a", target: "/%zz" }],
    [`TRACE /t HTTP/1.1\r\n${host}\r\n`, "method-refused", { method: "TRACE", target: "/t" }],
    [`GET /a HTTP/9\r\n${host}\r\n`, "request-malformed", { method: "GET", target: "/a" }],
    ["\x16\x03\x01 nonsense\r\n\r\n", "request-malformed", { method: "", target: "" }],
    [`GET /long HTTP/1.1\r\nx: ${"y".repeat(70_000)}`, "headers-too-large", { method: "GET", target: "/long" }],
    [`GET /${"l".repeat(9000)}\x01 HTTP/1.1\r\n`, "request-malformed", { target: `/${"l".repeat(255)}` }],
    [`POST /b HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, "request-malformed", { target: "/b" }],
  ] as const;
  const ids: unknown[] = [];
  for (const [text, code] of refused) {
    const answer = await answerTo(port, text);
    const own = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))) as Record<string, unknown>;
    expect(own["code"], text.slice(0, 40)).toBe(code);
    ids.push(own["request"]);
  }
  await expect.poll(() => lines().length).toBe(refused.length);
  expect(lines().map(({ id }) => id)).toEqual(ids);
  expect(ids.every((id) => typeof id === "string")).toBe(true);
  for (const [index, [, code, told]] of refused.entries()) {
    expect(lines()[index]).toMatchObject({ ...told, remote: "127.0.0.1", error: code, route: "", backend: "" });
  }
});

it("write down a flood of it in part, and say how much is missing; HTTP/2", async () => {
  const { gateway, port, lines } = await logging("errors");
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  cleanups.push(() => session.destroy());
  const names = await Promise.all(
    Array.from({ length: 400 }, async () => {
      let text = "";
      for await (const piece of session.request({ ":path": "/%zz" })) text += String(piece);
      return (JSON.parse(text) as { request: unknown }).request;
    }),
  );
  expect(new Set(names).size).toBe(400);
  const lost = async (): Promise<number> =>
    Number(/bandstand_access_log_lost_total (\d+)/.exec(await gateway.metrics())?.[1] ?? 0);
  await expect.poll(async () => lines().length + (await lost())).toBe(400);
  expect(await lost()).toBeGreaterThan(0);
  expect(lines()[0]).toMatchObject({ status: 400, target: "/%zz", method: "GET", error: "request-malformed" });
  expect(names).toContain(lines()[0]?.["id"]);
});

it("say nothing of what a request of HTTP/2 does not name", async () => {
  const { port, lines } = await logging("all");
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  cleanups.push(() => session.destroy());
  session.request({ ":path": "/a", host: "a", transfer_encoding: "chunked" }).resume();
  await expect.poll(lines, { timeout: 10_000 }).toMatchObject([{ method: "GET", authority: "", target: "/a" }]);
});

it("write down once an answer with a status that HTTP/2 does not have, as what the client got", async () => {
  const backend = createServer((socket) => socket.end("HTTP/1.1 700 Odd\r\nContent-Length: 3\r\n\r\nodd"));
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => backend.close());
  const services = [service((backend.address() as AddressInfo).port)];
  const { port, lines } = await logging("all", planOf([rule("/", toService())], { services }));
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  cleanups.push(() => session.destroy());
  session.request({ ":path": "/" }).resume();
  await expect
    .poll(lines, { timeout: 10_000 })
    .toMatchObject([{ status: 502, error: "backend-broken", backend: "Service/default/s:80", route: "default/r" }]);
});
