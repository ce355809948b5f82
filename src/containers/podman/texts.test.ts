import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { loggerTo } from "../../foundation/log/index.ts";
import type { LogLine } from "../../foundation/log/index.ts";
import { createFakeEngine } from "../index.ts";
import { containerPlan, containersPlan, podPlan } from "../testing.ts";
import { PodmanClient } from "./client.ts";
import { podmanDriver } from "./driver.ts";
import { PodFolders } from "./folder.ts";
import { buildImage, ensureImage } from "./images.ts";
import { ensureNetwork } from "./network.ts";
import { redirectPorts } from "./redirect.ts";
import { connectPodman } from "./service.ts";
import { openSubPath } from "./sub-path.ts";
import { secretBytes } from "./values.ts";
import { ensureClaims, mountsOf } from "./volumes.ts";

/** What a Podman that is not there answers, by the beginning of the path. */
type Script = Record<string, { status: number; body: string }>;

const logger = loggerTo(() => {});
const json = (status: number, value: unknown): { status: number; body: string } => ({
  status,
  body: JSON.stringify(value),
});

describe("what is said where containers cannot be run", () => {
  let folder: string;
  let server: Server;
  let client: PodmanClient;
  let script: Script = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bandstand-texts-"));
    server = createServer((request, response) => {
      const path = request.url!.replace("/v4.0.0/libpod/", "");
      const key = Object.keys(script).find((prefix) => `${request.method} ${path}`.startsWith(prefix));
      const { status, body } = script[key ?? ""] ?? json(404, { message: "not there" });
      request.resume().on("end", () => response.writeHead(status, { "content-type": "application/json" }).end(body));
    });
    const socket = join(folder, "podman.sock");
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    client = new PodmanClient(socket);
  });
  afterAll(async () => {
    await client.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const image = (name: string, pullPolicy: "Always" | "Never" | "IfNotPresent" = "IfNotPresent") =>
    ensureImage(client, containerPlan({ image: name, pullPolicy }), logger);
  const build = (name: string, text?: string): Promise<void> => {
    const context = join(folder, name);
    mkdirSync(context, { recursive: true });
    if (text !== undefined) writeFileSync(join(context, "Containerfile"), text);
    const signal = new AbortController().signal;
    return buildImage(client, { image: "localhost/a:1", context, hash: "1" }, { site: "shop", logger, signal });
  };
  const connect = (environment: Record<string, string>, program = "podman"): Promise<unknown> => {
    const root =
      environment["CONTAINER_HOST"] === undefined ? { root: join(folder, "root"), runroot: join(folder, "run") } : {};
    const own = { site: "shop", stateDirectory: join(folder, "state"), logger, program, ...root };
    return connectPodman({ ...own, environment: { PATH: process.env["PATH"], ...environment } });
  };
  const program = (text: string): string => {
    const path = join(folder, "program");
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };
  const secret = { namespace: "default", name: "db", key: "password", hash: "0" };
  const files = (path: string) =>
    podPlan("p", { volumes: [{ name: "v", type: "files", mode: 0o644, files: [{ path, content: { value: "" } }] }] });
  const claim = { name: "bs-shop-default-data", claim: { namespace: "default", name: "data" } };
  const busy = json(500, { message: "subnet 10.1.2.0/24 is already used on the host" });

  /** One for each text: what Podman answers, and what is asked of it. */
  const cases: Record<string, [Script, () => Promise<unknown> | unknown]> = {
    "Podman fails": [{ "GET info": json(500, { message: "out of luck", cause: "luck" }) }, () => client.get("info")],
    "Podman fails without a word": [{ "GET info": { status: 500, body: "" } }, () => client.get("info")],
    "Podman fails in plain text": [{ "GET info": { status: 502, body: "bad gateway" } }, () => client.get("info")],
    "nobody answers": [{}, () => new PodmanClient("/nowhere/podman.sock").get("info")],
    "not opened yet": [{}, () => podmanDriver({ site: "shop", stateDirectory: folder, logger }).list()],
    "applied before it was opened": [{}, () => createFakeEngine({ logger }).apply(containersPlan("shop"), new Map())],
    "logs of nobody": [
      {},
      async () => {
        const engine = createFakeEngine({ logger });
        await engine.open();
        await engine.logs("nobody", {})[Symbol.asyncIterator]().next();
      },
    ],
    "not installed": [{}, () => connect({}, "no-such-podman")],
    "service ends": [{}, () => connect({}, program("echo one; echo Error: this is why >&2; exit 125"))],
    "CONTAINER_HOST of another kind": [{}, () => connect({ CONTAINER_HOST: "ssh://somewhere" })],
    "CONTAINER_HOST where nobody is": [{}, () => connect({ CONTAINER_HOST: "unix:///nowhere/podman.sock" })],
    "network of somebody else": [
      { "GET networks/bs-shop": json(200, { labels: {} }) },
      () => ensureNetwork(client, "shop", "x"),
    ],
    "no subnet": [{ "POST networks/create": busy }, () => ensureNetwork(client, "shop", "x")],
    "volume of somebody else": [
      { "GET volumes/": json(200, { Labels: null }) },
      () => ensureClaims(client, "shop", [claim]),
    ],
    "image never pulled": [{}, () => image("registry.example/a:1", "Never")],
    "image of this machine": [{}, () => image("localhost/a:1")],
    "image not pulled": [
      { "POST images/pull": { status: 200, body: '{"stream":"Trying"}\n{"error":"manifest unknown"}\n' } },
      () => image("registry.example/a:1"),
    ],
    "image refused": [
      { "POST images/pull": json(500, { message: "unauthorized" }) },
      () => image("registry.example/a:1", "Always"),
    ],
    "nothing to build": [{}, () => build("empty")],
    "build fails": [
      { "POST build": { status: 200, body: '{"stream":"STEP 1: FROM scratch\\n"}\n{"error":"it breaks"}\n' } },
      () => build("broken", "FROM scratch\n"),
    ],
    "build on what is not there": [
      {
        "POST build": json(500, {
          message:
            "initializing source docker://localhost/bandstand/debian:12: pinging container registry localhost: connection refused",
        }),
      },
      () => build("broken", "FROM localhost/bandstand/debian:12\n"),
    ],
    "build is refused": [
      { "POST build": json(400, { message: "bad context" }) },
      () => build("broken", "FROM scratch\n"),
    ],
    "secret not there": [{}, () => secretBytes(secret, new Map())],
    "file that climbs": [
      {},
      () => new PodFolders(join(folder, "pods"), false).create("p", files("../../x"), new Map()),
    ],
    "volume not there": [
      {},
      () => {
        const container = containerPlan({ mounts: [{ volume: "gone", path: "/data", readOnly: false }] });
        return mountsOf(client, new PodFolders(folder, false), "p", podPlan("p"), container);
      },
    ],
    "subPath that climbs": [{}, () => openSubPath(folder, "a/../../x")],
    "ports not led": [{}, () => redirectPorts(0, "10.0.0.1", [{ port: 80, target: 8000, protocol: "TCP" }])],
    "pod does not start": [
      {
        "GET _ping": json(200, "OK"),
        "GET info": json(200, { host: { security: { rootless: true } }, store: { graphRoot: "/x" } }),
        "GET pods/json": json(200, []),
        "GET volumes/json": json(200, []),
        "POST pods/create": json(201, { Id: "1" }),
        "POST pods/p/start": json(409, { Errs: ["address already in use"], Id: "1" }),
        "POST pods/p/kill": json(404, {}),
      },
      async () => {
        const environment = { CONTAINER_HOST: `unix://${client.socket}` };
        const driver = podmanDriver({ site: "shop", stateDirectory: join(folder, "driver"), logger, environment });
        await driver.open();
        const spec = { name: "p", plan: podPlan("p"), hash: "1", attempt: 0, aliases: [], ports: [] };
        await driver.createPod(spec, new Map()).finally(() => driver.close());
      },
    ],
  };

  test.each(Object.entries(cases))("%s", async (name, [answers, act]) => {
    script = answers;
    let thrown: unknown;
    try {
      await act();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(BandstandError);
    const { code, message, remedy } = thrown as BandstandError;
    const plain = `${code}: ${message}\n${remedy === undefined ? "" : `→ ${remedy}\n`}`.replaceAll(folder, "FOLDER");
    await expect(plain).toMatchFileSnapshot(`golden/texts/${name.replaceAll(/[^a-z_]+/gi, "-")}.txt`);
  });
});

test("what the log says while things go wrong", async () => {
  const lines: LogLine[] = [];
  const engine = createFakeEngine({ logger: loggerTo((line) => void lines.push(line)), drain: 0 });
  await engine.open();
  const lost = podPlan("bs-shop-default-lost", { containers: [containerPlan({ image: "registry.example/a:1" })] });
  await engine.apply(containersPlan("shop", { pods: [lost, podPlan("bs-shop-default-web")] }), new Map());
  await engine.apply(containersPlan("shop"), new Map());
  await engine.remove({ volumes: true });
  await engine.close();
  const text = lines.map(
    ({ level, message, time: _time, ...fields }) => `${level} ${message} ${JSON.stringify(fields)}\n`,
  );
  await expect(text.join("")).toMatchFileSnapshot("golden/texts/log.txt");
});
