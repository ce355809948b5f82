import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/containers/index.ts";
import { createPodmanEngine } from "../../src/containers/index.ts";
import { leftovers, removeStore, whyNot } from "../../src/containers/podman/testing.ts";
import { connectPodman } from "../../src/containers/podman/service.ts";
import type { PodmanService } from "../../src/containers/podman/service.ts";
import { until } from "../../src/containers/testing.ts";
import { BandstandError } from "../../src/foundation/errors/index.ts";
import { loggerTo } from "../../src/foundation/log/index.ts";
import type { LoadedSite } from "../../src/gitops/site.ts";
import { loadSite } from "../../src/gitops/site.ts";
// @ts-expect-error: a script without dependencies, so without types
import { image as base, makeBaseImage } from "../../scripts/base-image.mjs";

const reason =
  whyNot() ?? (has("mmdebstrap") ? undefined : "mmdebstrap is not installed: apt-get install -y mmdebstrap");
const example = fileURLToPath(new URL("../../examples/storefront", import.meta.url));
/** Building an image, and on a machine without the base image that too. */
const patience = 240_000;

describe.skipIf(reason !== undefined)(`the storefront's containers ${reason ?? ""}`, () => {
  // Also where all of this is skipped, this line runs.
  const folder = reason === undefined ? mkdtempSync(join(tmpdir(), "bandstand-storefront-")) : "";
  const site = `storefront-${randomBytes(4).toString("hex")}`;
  const store = { root: join(folder, "root"), runroot: join(folder, "run") };
  const logger = loggerTo(() => {});
  let service: PodmanService;
  let loaded: LoadedSite;
  let engine: Engine | undefined;
  const running = (): Engine => engine!;

  beforeAll(async () => {
    service = await connectPodman({ site: "tests", stateDirectory: join(folder, "tests"), logger, ...store });
    provideBaseImage(folder, ["podman", "--root", store.root, "--runroot", store.runroot]);
    // A site is named by its folder.
    cpSync(example, join(folder, site), { recursive: true, filter: (path) => !path.includes("node_modules") });
    loaded = await load();
  }, patience);

  afterAll(async () => {
    await engine?.remove({ volumes: true });
    await stop();
    await service.close();
    await removeStore(folder, store.root);
  }, patience);

  /** Components are others' business here: only what runs in containers is planned. */
  const load = (): Promise<LoadedSite> => {
    const not = async (): Promise<never> => {
      throw new BandstandError("build-failed", "not built in this test");
    };
    return loadSite(join(folder, site), { tools: { build: not, prepare: not }, builds: "run" });
  };
  const start = async (): Promise<string> => {
    engine = createPodmanEngine({ site, stateDirectory: join(folder, "state"), logger, ...store });
    await engine.open();
    await engine.apply(loaded.plan.containers, loaded.secrets);
    return address();
  };
  const stop = async (): Promise<void> => {
    await engine?.close();
    engine = undefined;
  };
  const address = async (): Promise<string> => {
    const found = await until(
      running(),
      ({ endpoints }) => (endpoints["default/orders:80"] ?? []).length === 1,
      60_000,
    );
    const { host, port } = found.endpoints["default/orders:80"]![0]!;
    return `http://${host}:${port}`;
  };
  const order = async (at: string, item: string): Promise<number> => {
    const headers = { "x-user": "ada", "content-type": "application/json" };
    return (await fetch(`${at}/orders`, { method: "POST", headers, body: JSON.stringify({ item }) })).status;
  };
  /** A pod is ready as soon as its probes agree; what is behind them may still be reading its file. */
  const expectOrders = (at: string, items: string[]) =>
    expect
      .poll(async () => {
        const answer = await fetch(`${at}/orders`, { headers: { "x-user": "ada" } });
        const { orders: kept } = (await answer.json()) as { orders?: { item: string }[] };
        return kept?.map(({ item }) => item) ?? answer.status;
      })
      .toEqual(items);
  const call = (method: "POST" | "DELETE", path: string, query = {}) => service.client.call(method, path, { query });
  const pod = (): string => loaded.plan.containers.pods[0]!.name;

  test("are one stateful pod, built from its folder, with nothing asked for that is refused", () => {
    const { pods, volumes, services, builds } = loaded.plan.containers;
    expect(pods.map(({ workload, hostname }) => `${workload.kind} ${hostname}`)).toEqual(["StatefulSet orders-0"]);
    expect(pods[0]!.blocked).toBeUndefined();
    expect(volumes.map(({ claim }) => claim.name)).toEqual(["data-orders-0"]);
    expect(services.map(({ name }) => name)).toEqual(["orders"]);
    expect(builds.map(({ image }) => image)).toEqual(["localhost/storefront/orders:1"]);
  });

  test(
    "keep orders over a killed container, a killed pod, a removed pod, a stop and a down",
    async () => {
      let at = await start();
      expect(await order(at, "snare drum")).toBe(201);
      await expectOrders(at, ["snare drum"]);

      await call("POST", `containers/${pod()}-store/kill`, { signal: "KILL" });
      await until(running(), ({ endpoints }) => endpoints["default/orders:80"]!.length === 0);
      at = await address();
      await expectOrders(at, ["snare drum"]);

      await call("POST", `pods/${pod()}/kill`, { signal: "KILL" });
      await until(running(), ({ endpoints }) => endpoints["default/orders:80"]!.length === 0);
      at = await address();
      expect(await order(at, "cymbal")).toBe(201);

      await call("DELETE", `pods/${pod()}`, { force: true });
      await until(running(), ({ endpoints }) => endpoints["default/orders:80"]!.length === 0);
      at = await address();
      await expectOrders(at, ["snare drum", "cymbal"]);

      // `up` ends, its containers stay, and the next one takes them over as they are.
      const { value: before } = await service.client.call("GET", `containers/${pod()}-orders/json`);
      await stop();
      at = await start();
      const { value: after } = await service.client.call("GET", `containers/${pod()}-orders/json`);
      expect((after as { Id: string }).Id).toBe((before as { Id: string }).Id);
      await expectOrders(at, ["snare drum", "cymbal"]);

      await running().remove({ volumes: false });
      await stop();
      expect((await leftovers(service.client, site)).map((line) => line.split(" ")[0])).toEqual(["volume", "image"]);
      at = await start();
      await expectOrders(at, ["snare drum", "cymbal"]);
    },
    patience,
  );

  test(
    "change with their Secret, and keep their data",
    async () => {
      const file = join(folder, site, "secrets.yaml");
      const text = readFileSync(file, "utf8");
      const password = /password: *(\S+)/.exec(text)![1]!;
      writeFileSync(file, text.replace(password, `${password}-changed`));
      loaded = await load();
      await running().apply(loaded.plan.containers, loaded.secrets);
      await until(running(), ({ workloads }) => workloads[0]?.status === "Current");
      await expectOrders(await address(), ["snare drum", "cymbal"]);
    },
    patience,
  );

  test("leave nothing after `down --volumes`", async () => {
    await running().remove({ volumes: true });
    expect(await leftovers(service.client, site)).toEqual([]);
    await stop();
  });
});

/** The machine's own base image where it has one; making it takes most of a minute. */
function provideBaseImage(folder: string, podman: string[]): void {
  const [program = "podman", ...global] = podman;
  const tar = join(folder, "base.tar");
  if (spawnSync("podman", ["save", "--quiet", "-o", tar, base], { stdio: "ignore" }).status === 0) {
    spawnSync(program, [...global, "load", "--quiet", "-i", tar], { stdio: "ignore" });
    rmSync(tar);
  } else makeBaseImage({ podman, log: () => {} });
}

function has(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
}
