// Requests through the storefront while its YAML changes every second: none may fail, memory must stay flat. Before that,
// a gateway alone whose plan, certificate, pods and workers are replaced all the time, and guests alone, fresh and reused.
// `npm run soak -- --help` shows what can be chosen.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { endurance, growth } from "./endurance.ts";
import { upheaval } from "./upheaval.ts";

const help = `npm run soak -- [--upheaval N] [--guests N] [--requests N] [--no-storefront] [--no-containers] [--connections N]
                [--reload MILLISECONDS]

  --upheaval N      requests to a gateway whose plan and certificate, pods and workers are replaced; default 1000000, 0: none
  --guests N        requests to guests, fresh and reused; default 1000000, 0: none
  --requests N      requests to the storefront; default 100000
  --no-storefront   nothing more than those
  --no-containers   the storefront without what needs Podman
  --connections N   of the storefront and of the upheaval; default 8
  --reload MS       between two changes of the storefront's YAML; default 1000

Prints what came back, and resident memory and open files along the way; exits 1 where a request failed, or where memory or
files grew over half a million requests (50,000 to the storefront): the least of the last quarter is compared with that of the
second. Takes about five minutes on two cores.
`;

/** What garbage collectors and allocators keep of what was given back goes up and down by less. MiB, beside guests alone, and files. */
const most = { memory: 64, besideGuests: 24, files: 16 };
/** Requests before which what there is still warms up; a tenth of that through the storefront. */
const enough = 500_000;

const root = join(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "100000" },
    connections: { type: "string", default: "8" },
    reload: { type: "string", default: "1000" },
    containers: { type: "boolean", default: true },
    upheaval: { type: "string", default: "1000000" },
    guests: { type: "string", default: "1000000" },
    storefront: { type: "boolean", default: true },
    help: { type: "boolean", default: false },
  },
  allowNegative: true,
});

if (values.help) {
  console.log(help);
  process.exit(0);
}
let well = Number(values.upheaval) === 0 || (await upheave(Number(values.upheaval)));
well = (Number(values.guests) === 0 || (await endure(Number(values.guests)))) && well;
if (!values.storefront) process.exit(well ? 0 : 1);

const scratch = await mkdtemp(join(tmpdir(), "bandstand-soak-"));
const folder = join(scratch, `soak-${process.pid}`);
const port = await freePort();
const environment = { ...process.env, BANDSTAND_STATE: join(scratch, "state") };
const now = Math.floor(Date.now() / 1000);
const { sign } = (await import(join(root, "examples/storefront/token.mjs"))) as {
  sign(claims: Record<string, string | number>): string;
};
const token = sign({ sub: "soak", iss: "storefront", aud: "shop", exp: now + 36_000, nbf: now - 10 });
const agent = new Agent({ keepAlive: true, maxSockets: Number(values.connections) });

interface Kind {
  name: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  expected: number;
}

const bearer = { authorization: `Bearer ${token}` };
const kinds: Kind[] = [
  { name: "page", method: "GET", path: "/", headers: {}, expected: 200 },
  { name: "pricing", method: "GET", path: "/pricing", headers: {}, expected: 200 },
  { name: "no token", method: "GET", path: "/api/orders", headers: {}, expected: 401 },
];
if (values.containers) {
  const body = JSON.stringify({ item: "snare drum", quantity: 1 });
  kinds.push(
    { name: "orders", method: "GET", path: "/api/orders?limit=5", headers: bearer, expected: 200 },
    {
      name: "new order",
      method: "POST",
      path: "/api/orders",
      headers: { ...bearer, "content-type": "application/json" },
      body,
      expected: 201,
    },
  );
}

const results = new Map<string, number>();
const failures: string[] = [];
let sent = 0;

await cp(join(root, "examples/storefront"), folder, { recursive: true });
await replace("gateway.yaml", /port: 8080/, `port: ${port}`);
if (!values.containers) await rm(join(folder, "orders.yaml"));
const site = spawn(join(root, "bin/bandstand"), ["up", folder, "--build", "--access-log", "off"], {
  env: environment,
  stdio: ["ignore", "ignore", "pipe"],
});
let errors = "";
site.stderr.on("data", (data: Buffer) => (errors = (errors + data.toString()).slice(-20_000)));
let reloads = 0;
let flat = true;
try {
  await ready();
  const memory = [await resident()];
  let running = true;
  const reloading = (async () => {
    while (running) {
      await sleep(Number(values.reload));
      await change(++reloads);
      memory.push(await resident());
    }
  })();
  const started = performance.now();
  await Promise.all(Array.from({ length: Number(values.connections) }, client));
  running = false;
  await reloading;
  report(memory, (performance.now() - started) / 1000);
} finally {
  site.kill("SIGTERM");
  if (site.exitCode === null) await once(site, "exit");
  const down = spawn(join(root, "bin/bandstand"), ["down", folder, "--volumes"], { env: environment, stdio: "ignore" });
  await once(down, "exit");
  await rm(scratch, { recursive: true, force: true });
}
process.exit(well && flat && failures.length === 0 ? 0 : 1);

/** Reloads with a new certificate every second, a pod replaced twice a second, a worker ended every five seconds. */
async function upheave(requests: number): Promise<boolean> {
  const times = { reload: 1000, restart: 500, kill: 5000 };
  const report = await upheaval({ requests, clients: Number(values.connections), ...times });
  const { seconds, reloads, restarts, kills, again, failed } = report;
  console.log(
    `${requests} requests in ${seconds.toFixed(1)} s, ${reloads} reloads with new certificates, ${restarts} pods replaced, ` +
      `${kills} workers ended: ${again} sent again, ${failed.length} failed`,
  );
  const flat = isFlat(report.memory, report.files, requests >= enough);
  for (const failure of failed.slice(0, 10)) console.log(failure);
  return flat && failed.length === 0;
}

/** Guests with a fresh state for each request, and reused ones. */
async function endure(requests: number): Promise<boolean> {
  const { seconds, failed, memory, files } = await endurance(requests);
  console.log(`${requests} requests to guests, fresh and reused, in ${seconds.toFixed(1)} s: ${failed} failed`);
  return isFlat(memory, files, requests >= enough, most.besideGuests) && failed === 0;
}

/** Shows memory (MiB) and open files along the way; whether they are no more at the end than they were, where there were enough requests to tell. */
function isFlat(memory: number[], files: number[], long: boolean, mostMemory = most.memory): boolean {
  const grown = { memory: growth(memory), files: growth(files) };
  const show = (figures: number[]): string =>
    some(figures)
      .map((each) => each.toFixed(0))
      .join(" ");
  console.log(
    `resident memory, MiB: ${show(memory)}; by its least, ${grown.memory.toFixed(0)} more in the last quarter than in the second`,
  );
  if (files.length > 0) console.log(`open files: ${show(files)}; ${grown.files} more`);
  return !long || (grown.memory <= mostMemory && (files.length === 0 || grown.files <= most.files));
}

/** A dozen of many. */
function some(figures: number[]): number[] {
  const every = Math.max(1, Math.ceil(figures.length / 12));
  return figures.filter((_, index) => index % every === 0 || index === figures.length - 1);
}

/** Waits until every kind of request gets what it should. */
async function ready(): Promise<void> {
  const deadline = Date.now() + 240_000;
  for (const kind of kinds) {
    for (;;) {
      const { status } = await ask(kind).catch(() => ({ status: 0 }));
      if (status === kind.expected) break;
      if (site.exitCode !== null || Date.now() > deadline) {
        throw new Error(`the site is not ready: ${kind.name} gets ${status}\n${errors}`);
      }
      await sleep(200);
    }
  }
}

async function client(): Promise<void> {
  while (sent < Number(values.requests)) {
    const kind = kinds[sent++ % kinds.length]!;
    const outcome = await ask(kind).then(
      ({ status, whole }) => (status === kind.expected && whole ? "ok" : `${status}${whole ? "" : " broken"}`),
      (error: Error) => error.message,
    );
    const key = `${kind.name}: ${outcome}`;
    results.set(key, (results.get(key) ?? 0) + 1);
    if (outcome !== "ok") failures.push(`${new Date().toISOString()} ${key}`);
  }
}

function ask({ method, path, headers, body }: Kind): Promise<{ status: number; whole: boolean }> {
  return new Promise((resolve, reject) => {
    const sending = request({ host: "127.0.0.1", port, method, path, headers, agent }, (response: IncomingMessage) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode ?? 0, whole: response.complete }));
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

/** Another header on every page, another limit on a component: routes and components are both built anew. */
async function change(round: number): Promise<void> {
  await replace(
    "components.yaml",
    /(?<=name: page # TypeScript\nspec:\n)(?: {2}limits: .*\n)?/,
    `  limits: { wall: ${10 + (round % 20)}s }\n`,
  );
  await writeFile(
    join(folder, "soak.yaml"),
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: soak }\ndata: { round: "${round}" }\n` +
      `---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: soak }\nspec:\n` +
      `  parentRefs: [{ name: storefront }]\n  rules:\n    - matches: [{ path: { type: Exact, value: /soak-${round} } }]\n` +
      `      filters: [{ type: RequestRedirect, requestRedirect: { statusCode: 302, path: { type: ReplaceFullPath, replaceFullPath: / } } }]\n`,
  );
}

async function replace(file: string, pattern: RegExp, text: string): Promise<void> {
  const path = join(folder, file);
  const before = await readFile(path, "utf8");
  if (!pattern.test(before)) throw new Error(`${file} has nothing that matches ${pattern.source}`);
  await writeFile(path, before.replace(pattern, text));
}

/** Resident memory of the gateway process, in MiB. */
async function resident(): Promise<number> {
  const pid = site.pid ?? 0;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

function report(memory: number[], seconds: number): void {
  for (const [key, count] of [...results].toSorted()) console.log(`${String(count).padStart(8)}  ${key}`);
  console.log(`${sent} requests in ${seconds.toFixed(1)} s, ${reloads} reloads, ${failures.length} failed`);
  flat = isFlat(memory, [], sent >= enough / 10);
  for (const failure of failures.slice(0, 10)) console.log(failure);
  if (failures.length > 0) console.log(errors.split("\n").slice(-20).join("\n"));
}
