import { existsSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfSigned } from "../../src/foundation/certificates/index.ts";
import { builtGuest } from "../guests/built.ts";
import { Workspace } from "./workspace.ts";

const why = existsSync("/usr/include/wasm32-wasi/stdlib.h")
  ? ""
  : " (skipped: wasi-libc is missing; as root: npm run setup)";
const workspace = new Workspace();
let server: Server;
let port: number;

describe.skipIf(why !== "")(`a component that sends requests${why}`, () => {
  beforeAll(async () => {
    const { certificate, key } = selfSigned(["localhost"]);
    workspace.write("ca.pem", certificate);
    workspace.write("empty.pem", "nothing\n");
    workspace.write("outbound.wasm", await builtGuest(join(import.meta.dirname, "../guests/outbound")));
    server = createServer({ cert: certificate, key }, (_request, response) => response.end("from there\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await workspace[Symbol.asyncDispose]();
  });

  test.each([
    ["trusts the authorities that it is given", ["--net", "localhost", "--ca", "ca.pem"], 200],
    ["trusts nobody else", ["--net", "localhost"], 502],
    ["reaches no port but the one that is granted", ["--net", "localhost:1", "--ca", "ca.pem"], 502],
    ["does not reach this machine by *", ["--net", "*", "--ca", "ca.pem"], 502],
  ])("%s", async (_, flags, status) => {
    const running = workspace.start("serve", "--listen", "127.0.0.1:0", ...flags, "outbound.wasm");
    const url = await running.address();
    const response = await fetch(url, { headers: { "x-fetch": `https://localhost:${port}/` } });
    expect(response.status).toBe(status);
    if (status === 200) expect(await response.text()).toBe("from there\n");
    await running.stop();
  });

  test("is not started with a file that holds no certificate", async () => {
    for (const [command, file] of [
      ["serve", "empty.pem"],
      ["run", "nowhere.pem"],
    ] as const) {
      const { code, err } = await workspace.run(command, "--ca", file, "outbound.wasm");
      expect(code).toBe(2);
      expect(err).toContain(`bandstand: ${command}: --ca: ${file} `);
    }
  });
});
