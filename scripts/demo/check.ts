import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { ask, json } from "./ask.ts";
import type { ShopFolder } from "./folder.ts";
import { copiedShop, edit, removeScratch } from "./folder.ts";
import { inPodman, processesOf } from "./leftovers.ts";
import { underLoad } from "./load.ts";
import { baseImage } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { say, seconds, show, until } from "./say.ts";
import { standIn } from "./stand-in.ts";
import { tokenOf } from "./token.ts";
import { ordersOf, tour, tourTable } from "./tour.ts";
import { Up, bandstand } from "./up.ts";

/** Everything that the storefront promises, on a copy of it. Resolves to whether all held. */
export async function check(machine: Machine): Promise<boolean> {
  const site = `demo-check-${randomBytes(3).toString("hex")}`;
  const shop = copiedShop(site, await freePort(), machine);
  const run = new Run(shop, site, machine);
  const interrupted = (): void => run.interrupt();
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  const endStandIn = machine.containers ? async (): Promise<void> => {} : await standIn(shop);
  try {
    await run.all();
  } finally {
    await run.end();
    await endStandIn();
    removeScratch(shop);
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
  const without = machine.containers ? "" : ", but nothing was tried with containers: the reason stands above";
  show(
    run.failed.length === 0 ? `\ndemo: everything held${without}` : `\ndemo: did not hold: ${run.failed.join("; ")}`,
  );
  return run.failed.length === 0;
}

class Run {
  readonly failed: string[] = [];
  readonly #shop: ShopFolder & { scratch: string };
  readonly #site: string;
  readonly #machine: Machine;
  #up: Up | undefined;
  #interrupted = false;

  constructor(shop: ShopFolder & { scratch: string }, site: string, machine: Machine) {
    this.#shop = shop;
    this.#site = site;
    this.#machine = machine;
  }

  async all(): Promise<void> {
    if (!(await this.#step("the shop starts", () => this.#start()))) return;
    await this.#step("every request is answered as it should be", () => this.#tour());
    await this.#step("an edit under load fails no request", () => this.#edit());
    await this.#step("a broken edit leaves the site as it was, and says where", () => this.#break());
    if (this.#machine.containers) {
      await this.#step("orders outlive a killed container", () => this.#kill());
      await this.#step("orders outlive a stop and a start", () => this.#restart());
    }
  }

  /** Stops what runs, removes everything and looks for what is left. Also after a failure. */
  async end(): Promise<void> {
    await this.#step("stopping leaves nothing but data", () => this.#stop());
    await this.#step("down --volumes leaves nothing", () => this.#down());
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#up?.signal("SIGINT");
  }

  async #step(title: string, work: () => Promise<string>): Promise<boolean> {
    const started = Date.now();
    say(`${title} …`);
    try {
      const detail = await work();
      show(`ok      ${title}${detail === "" ? "" : `: ${detail}`} (${seconds(started)})`);
      return true;
    } catch (error) {
      this.failed.push(title);
      show(`FAILED  ${title}: ${(error as Error).message} (${seconds(started)})`);
      return false;
    }
  }

  get #url(): string {
    if (this.#interrupted) throw new Error("interrupted");
    if (this.#up === undefined) throw new Error("the site does not run");
    return this.#up.url;
  }

  async #start(): Promise<string> {
    this.#up = await Up.start(this.#shop);
    return this.#up.url;
  }

  async #tour(): Promise<string> {
    const stops = await tour(this.#url, this.#machine);
    show(`\n${tourTable(stops)}\n`);
    const wrong = stops.filter(({ ok }) => !ok);
    if (wrong.length > 0) throw new Error(wrong.map(({ request, answer }) => `${request} → ${answer}`).join("; "));
    return "";
  }

  /** Weights of the price lists go to and fro while every kind of request comes in. */
  async #edit(): Promise<string> {
    const url = this.#url;
    const headers = { authorization: `Bearer ${await tokenOf("ada")}` };
    const paths = ["/", "/pricing", "/api/orders"].map((path) => ({ path, headers }));
    const weights: [string, string, string][] = [
      ["90", "0", "2"],
      ["0", "90", "both"],
      ["90", "0", "2"],
      ["0", "90", "both"],
    ];
    const result = await underLoad(url, paths, async () => {
      for (const [from, to, version] of weights) {
        edit(
          this.#shop,
          "routes.yaml",
          new RegExp(`name: pricing-v1, weight: ${from} `),
          `name: pricing-v1, weight: ${to} `,
        );
        await until(`the edit is seen`, () => served(url, version), 20_000);
      }
    });
    if (result.failures.length > 0) {
      throw new Error(`${result.failures.length} of ${result.sent} failed: ${result.failures.slice(0, 3).join("; ")}`);
    }
    return `${weights.length} edits, ${result.sent} requests, none failed`;
  }

  async #break(): Promise<string> {
    const url = this.#url;
    edit(this.#shop, "routes.yaml", /name: pricing-v1, weight: 90 /, "name: pricing-v1, weight: ninety ");
    const { line, column } = placeOf(join(this.#shop.path, "routes.yaml"), "ninety");
    const place = `routes.yaml:${line}:${column}`;
    const up = this.#up!;
    const shown = async (): Promise<true | undefined> => {
      const known = up.status()?.problems.some((each) => `${each.file}:${each.line}:${each.column}` === place);
      return (known && up.said.some((text) => text.includes(place))) || undefined;
    };
    try {
      await until(`up and status show a problem at ${place}`, shown, 20_000);
      const answers = await Promise.all([ask(url, { path: "/" }), ask(url, { path: "/pricing" })]);
      if (answers.some(({ status }) => status !== 200)) throw new Error("the old site does not answer any more");
    } finally {
      edit(this.#shop, "routes.yaml", /ninety/, "90");
    }
    const mended = async (): Promise<true | undefined> => (up.status()?.problems.length === 0 ? true : undefined);
    await until("the corrected edit is served", mended, 20_000);
    return `shown at ${place}`;
  }

  async #kill(): Promise<string> {
    const before = await this.#orders();
    const names = inPodman(this.#site).filter(
      ({ kind, name }) => kind === "container" && /-(store|orders)$/.test(name),
    );
    if (names.length !== 2) throw new Error(`expected two containers, got ${names.length}`);
    const started = Date.now();
    for (const { name } of names) {
      const { status, stderr } = spawnSync("podman", ["kill", name], { encoding: "utf8" });
      if (status !== 0) throw new Error(`podman kill ${name}: ${stderr}`);
    }
    await this.#expectOrders(before);
    return `${names.length} containers killed, ${before.length} orders back after ${seconds(started)}`;
  }

  async #restart(): Promise<string> {
    const before = await this.#orders();
    await this.#stop();
    await this.#start();
    await this.#expectOrders(before);
    return `${before.length} orders`;
  }

  async #orders(): Promise<number[]> {
    const headers = { authorization: `Bearer ${await tokenOf("ada")}` };
    const answer = await ask(this.#url, { path: "/api/orders", headers });
    if (answer.status !== 200) throw new Error(`GET /api/orders: ${answer.status} ${JSON.stringify(json(answer))}`);
    return ordersOf(answer).map(({ id }) => id);
  }

  /** All of these, and at least one: an empty list would prove nothing. */
  async #expectOrders(ids: number[]): Promise<void> {
    if (ids.length === 0) throw new Error("there were no orders to keep");
    const same = async (): Promise<true | undefined> => {
      const found = await this.#orders().catch(() => []);
      return found.join() === ids.join() ? true : undefined;
    };
    await until(`orders ${ids.join(", ")} are there`, same, 60_000);
  }

  async #stop(): Promise<string> {
    const up = this.#up;
    this.#up = undefined;
    const code = await up?.stop();
    if (code !== undefined && code !== 0) throw new Error(`bandstand up ended with ${code}`);
    const left = this.#left().filter(({ kind }) => kind !== "volume" && kind !== "image");
    if (left.length > 0) throw new Error(`left: ${left.map(({ kind, name }) => `${kind} ${name}`).join(", ")}`);
    return up === undefined ? "was not running" : "";
  }

  async #down(): Promise<string> {
    const { status, stderr } = bandstand(this.#shop, ["down", this.#shop.path, "--volumes"]);
    if (status !== 0) throw new Error(`bandstand down ended with ${status}: ${stderr}`);
    const left = this.#left().map(({ kind, name }) => `${kind} ${name}`);
    left.push(...processesOf(this.#shop.scratch).map((line) => `process ${line}`));
    const temporary = readdirSync(join(this.#shop.scratch, "tmp")).filter((name) => !ofPodman.test(name));
    left.push(...temporary.map((name) => `temporary ${name}`));
    if (left.length > 0) throw new Error(`left: ${left.join(", ")}`);
    return this.#machine.containers ? `${baseImage} stays, for the next time` : "";
  }

  #left(): { kind: string; name: string }[] {
    return this.#machine.containers ? inPodman(this.#site) : [];
  }
}

/** What Podman makes for itself as soon as a user without a run-time folder asks it anything. */
const ofPodman = /^(?:containers-user|podman-run)-\d+$/;

/** Whether new visitors get version 2 only, or version 1 again. */
async function served(url: string, wanted: string): Promise<true | undefined> {
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(url, { path: "/pricing" })));
  const first = answers.some(({ headers }) => headers["x-pricing-version"] === "1");
  return first === (wanted === "both") ? true : undefined;
}

function placeOf(file: string, text: string): { line: number; column: number } {
  const lines = readFileSync(file, "utf8").split("\n");
  const index = lines.findIndex((line) => line.includes(text));
  return { line: index + 1, column: lines[index]!.indexOf(text) + 1 };
}
