import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gateway, service } from "./sites.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { root, Workspace } from "./workspace.ts";

// What clients and the log read when a request fails: status, code and words are a golden file.

const reason =
  spawnSync("clang", ["--version"]).error === undefined
    ? ""
    : "clang is not installed: apt-get install -y clang lld wasi-libc";

const guests = ["loop", "trap", "no-answer", "eat-memory", "never-answers"];

function component(name: string): string {
  return `apiVersion: bandstand.dev/v1alpha1
kind: WasmComponent
metadata: { name: ${name} }
spec: { source: ./${name}, limits: { cpu: 50ms, wall: 500ms, memory: 16Mi, requestBody: 1Ki } }
`;
}

function route(path: string, backend: string, rest = ""): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${path.slice(1)} }
spec:
  parentRefs: [{ name: door }]
  rules:
    - matches: [{ path: { value: ${path} } }]
      backendRefs: [{ ${backend} }]
${rest === "" ? "" : `      ${rest}\n`}`;
}

const wasm = (name: string): string => `group: bandstand.dev, kind: WasmComponent, name: ${name}`;

describe.skipIf(reason !== "")(`a request that fails ${reason}`, () => {
  test("is told to the client in a word, and to the log in full", async () => {
    await using workspace = new Workspace();
    const slow = await workspace.slowBackend(2000);
    const nonsense = createServer((socket) => socket.resume().end("SMTP 220 hello\r\n\r\n"));
    await new Promise<void>((resolve) => nonsense.listen(0, "127.0.0.1", resolve));
    for (const name of guests) {
      cpSync(join(root, "tests/resilience/guests", name), workspace.at("site", name), { recursive: true });
    }
    cpSync(join(root, "tests/guests/echo"), workspace.at("site/echo"), { recursive: true });
    const documents = [
      gateway(await freePort()),
      ...[...guests, "echo"].flatMap((name) => [component(name), route(`/${name}`, wasm(name))]),
      service("closed", await freePort()),
      service("slow", slow.port),
      service("nonsense", (nonsense.address() as AddressInfo).port),
      route("/closed", "name: closed, port: 80"),
      route("/nonsense", "name: nonsense, port: 80"),
      route("/slow", "name: slow, port: 80", "timeouts: { backendRequest: 100ms }"),
      route("/slower", "name: slow, port: 80", "timeouts: { request: 100ms }"),
      route("/gone", "name: gone, port: 80"),
      route(
        "/unfiltered",
        "name: slow, port: 80",
        "filters: [{ type: ExtensionRef, extensionRef: { group: bandstand.dev, kind: WasmComponent, name: gone } }]",
      ),
    ];
    workspace.write("site/site.yaml", documents.join("---\n"));
    const up = workspace.start("up", "site", "--build", "--access-log", "errors");
    const { host } = new URL(await up.ready());

    const answers: { title: string; name: string | undefined; answer: string }[] = [];
    const ask = async (title: string, bytes: string, name?: string): Promise<void> => {
      const [head = "", body = ""] = (await workspace.raw(host, bytes)).split("\r\n\r\n");
      const { status, code, message } = JSON.parse(body.replace(/^[0-9a-f]+\r\n|\r\n0$/g, "")) as Record<
        string,
        unknown
      >;
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
      answers.push({ title, name, answer: `${String(status)} ${String(code)}: ${String(message)}` });
    };
    const get = (path: string, rest = ""): string =>
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${rest}\r\n`;

    await ask("no route", get("/nothing-here"));
    for (const name of guests) await ask(`a component: ${name}`, get(`/${name}`), name);
    await ask(
      "a component whose limit the body exceeds",
      get("/echo", "Content-Length: 2048\r\n").replace("GET", "POST") + "x".repeat(2048),
      "echo",
    );
    for (const name of ["closed", "nonsense", "slow", "slower", "gone", "unfiltered"])
      await ask(`a backend: ${name}`, get(`/${name}`), name);
    await ask("a head that is no HTTP", "GET  / HTTP/1.1\r\n\r\n");
    await ask("two lengths", get("/", "Content-Length: 1\r\nContent-Length: 2\r\n"));
    await ask("no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    await ask("a head that is too large", get("/", `x: ${"x".repeat(40_000)}\r\n`));
    await ask("a path that means two things", get("/a/../b"));

    expect((await up.stop()).code).toBe(0);
    await new Promise((resolve) => nonsense.close(resolve));
    // All lines are written by now; each names the route or component that it is about.
    const lines = up.err.split("\n").filter((line) => line.startsWith("{"));
    const about = (name: string | undefined): string[] =>
      lines.filter((line) => new RegExp(`"(?:route|component)":"default/${name}"`).test(line)).map(logged);
    const texts = answers.map(({ title, name, answer }) =>
      [`## ${title}`, answer, ...about(name).toSorted()].join("\n"),
    );
    await expect(`${workspace.stable(texts.join("\n\n"))}\n`).toMatchFileSnapshot("golden/failures.txt");
  });
});

/** A log line without what differs from run to run. */
function logged(line: string): string {
  const { level, message, route, backend, error, ...fields } = JSON.parse(line) as Record<string, string>;
  if (message === undefined) return `  access log: route=${route} backend=${backend} error=${error}`;
  for (const name of ["time", "request"]) delete fields[name];
  const more = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`);
  return `  ${level}: ${message}${more.join("")}`;
}
