import { mkdirSync, mkdtempSync, rmSync, statSync, existsSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { adminClient, AdminServer, type AdminCallbacks, type AdminOptions } from "./index.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

function folder(name = "s"): string {
  const root = mkdtempSync(join(tmpdir(), "admin-"));
  cleanups.push(() => rmSync(root, { recursive: true }));
  const path = join(root, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

async function serve(callbacks: Partial<AdminCallbacks> = {}, options: Partial<AdminOptions> = {}) {
  const socketPath = options.socketPath ?? join(folder(), "admin.sock");
  const server = new AdminServer({
    socketPath,
    callbacks: {
      ready: () => true,
      metrics: async () => "bandstand_up 1\n",
      config: () => ({ site: "shop" }),
      status: () => ({ site: "shop" }),
      logs: () => undefined,
      reload: async () => ({ problems: [] }),
      stop: () => {},
      ...callbacks,
    },
    ...options,
  });
  await server.open();
  cleanups.unshift(() => server.close());
  return { server, socketPath, client: adminClient(socketPath) };
}

function overTcp(port: number, path: string, host: string, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}

it("answers over a socket that only its owner may open, and removes it", async () => {
  const { server, socketPath, client } = await serve({ ready: () => false });
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  expect(await client.get("/healthz")).toEqual({ status: 200, body: "ok\n" });
  expect((await client.get("/readyz")).status).toBe(503);
  expect((await client.get("/metrics")).body).toBe("bandstand_up 1\n");
  expect(JSON.parse((await client.get("/config")).body)).toEqual({ site: "shop" });
  expect((await client.get("/reload")).status).toBe(405);
  expect((await client.get("/nothing")).status).toBe(404);
  await server.close();
  expect(existsSync(socketPath)).toBe(false);
});

it("works in a folder whose path the kernel has no room for", async () => {
  const deep = folder(join(...Array.from({ length: 6 }, () => "a-folder-with-a-long-name")));
  const socketPath = join(deep, "admin.sock");
  expect(socketPath.length).toBeGreaterThan(108);
  const { client, server } = await serve({}, { socketPath });
  expect((await client.get("/healthz")).status).toBe(200);
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  await server.close();
  expect(existsSync(socketPath)).toBe(false);
});

it("takes the place of a process that was killed", async () => {
  const { socketPath } = await serve();
  const { client } = await serve({ status: () => "second" }, { socketPath });
  expect((await client.get("/status")).body).toContain("second");
});

it("reloads and stops, and says what went wrong", async () => {
  let stopped = false;
  const { client } = await serve({
    stop: () => (stopped = true),
    reload: async () => {
      throw new BandstandError("site-invalid", "orders.yaml:14:7", { remedy: "correct it" });
    },
  });
  expect((await client.post("/stop")).status).toBe(202);
  expect(stopped).toBe(true);
  const { status, body } = await client.post("/reload");
  expect(status).toBe(409);
  expect(JSON.parse(body)).toEqual({ code: "site-invalid", message: "orders.yaml:14:7", remedy: "correct it" });
});

it("streams logs as they come, until the reader leaves", async () => {
  let ended = false;
  const { client } = await serve({
    async *logs(query, signal) {
      for (let line = 0; !signal.aborted; line++) {
        yield `${query.get("name")} ${line}\n`;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      ended = true;
    },
  });
  const reader = new AbortController();
  let text = "";
  for await (const piece of client.stream("/logs?name=orders", reader.signal)) {
    text += piece;
    if (text.includes("orders 2\n")) reader.abort();
  }
  expect(text).toMatch(/^orders 0\norders 1\norders 2\n/);
  await expect.poll(() => ended).toBe(true);
});

it("says that nothing runs", async () => {
  const error = await adminClient(join(folder(), "admin.sock"))
    .get("/status")
    .catch((reason: unknown) => reason);
  expect((error as BandstandError).code).toBe("not-running");
});

it("takes only its own names over TCP, and changes nothing there", async () => {
  const { server } = await serve({}, { tcp: { host: "127.0.0.1", port: 0 } });
  const port = server.address?.port ?? 0;
  expect(await overTcp(port, "/status", `127.0.0.1:${port}`)).toBe(200);
  expect(await overTcp(port, "/status", `localhost:${port}`)).toBe(200);
  expect(await overTcp(port, "/status", `evil.example:${port}`)).toBe(403);
  expect(await overTcp(port, "/status", "localhost")).toBe(403);
  expect(await overTcp(port, "/stop", `localhost:${port}`, "POST")).toBe(403);
});
