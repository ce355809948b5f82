import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { renderProblem } from "../model/index.ts";
import { listenerSubject } from "../model/plan/index.ts";
import { nameOfSite } from "./name.ts";
import type { ResolveTools } from "./resolve/index.ts";
import type { LoadOptions } from "./site.ts";
import { hasErrors, loadSite } from "./site.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "load-")), "My Shop");
  await mkdir(folder);
});
afterEach(() => rm(dirname(folder), { recursive: true, force: true }));

const built: string[] = [];
const tools: ResolveTools = {
  build: async (path) => {
    built.push(path);
    return { bytes: Buffer.from(path) };
  },
  prepare: async () => ({ digest: `sha256:${"0".repeat(64)}` }),
};
const options: LoadOptions = { tools, builds: "run" };

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec: { gatewayClassName: bandstand, listeners: [{ name: http, port: 8080, protocol: HTTP }] }
`;
const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r }
spec:
  parentRefs: [{ name: gw }]
  rules: [{ backendRefs: [{ group: bandstand.dev, kind: WasmComponent, name: page }] }]
`;
const component = (spec: string): string =>
  `apiVersion: bandstand.dev/v1alpha1\nkind: WasmComponent\nmetadata: { name: page }\nspec: ${spec}\n`;

describe("loadSite", () => {
  test("makes a plan of a folder, named as the folder", async () => {
    await put("gateway.yaml", gateway);
    await put("k8s/route.yaml", route);
    await put("page.yaml", component("{ source: ./page }"));
    await put("page/values.yaml", "not: a resource");
    await put("page/index.ts", "");
    const site = await loadSite(folder, options);
    expect(await nameOfSite(folder)).toBe("my-shop");
    expect(site).toMatchObject({ site: "my-shop", problems: [], sources: ["page"], files: [] });
    expect(site.plan.gateway.routes[0]?.rules[0]?.backends[0]?.target).toEqual({
      type: "Component",
      component: "default/page",
    });
  });

  test("takes the name of a Site document", async () => {
    await put("site.yaml", "apiVersion: bandstand.dev/v1alpha1\nkind: Site\nmetadata: { name: corner }\n");
    expect((await loadSite(folder, options)).plan.site).toBe("corner");
    expect(await nameOfSite(folder)).toBe("corner");
  });

  test("collects all problems, and builds nothing where the YAML has errors", async () => {
    built.length = 0;
    await put("a.yaml", gateway.replace("port: 8080", "port: eighty"));
    await put("b.yaml", route.replace("name: page", "name: pgae"));
    await put("c.yaml", component("{ source: ./page, files: x }"));
    await put("d.yaml", component("{ source: ./page }").replace("name: page", "name: second"));
    await mkdir(join(folder, "page"));
    const { problems } = await loadSite(folder, options);
    expect(hasErrors(problems)).toBe(true);
    const places = new Set(problems.map(({ file, severity }) => `${file} ${severity}`));
    expect([...places]).toEqual(["a.yaml error", "b.yaml warning", "c.yaml error"]);
    expect(built).toEqual([]);
  });

  test("a resource with an error is not said to be missing where others name it", async () => {
    await put("gateway.yaml", gateway.replace("port: 8080", "port: eighty"));
    await put("route.yaml", route);
    await put("page.yaml", component("{ source: ./page, isolaton: reuse }"));
    await mkdir(join(folder, "page"));
    const { problems } = await loadSite(folder, options);
    expect(problems.map(({ file, code }) => [file, code])).toEqual([
      ["gateway.yaml", "schema"],
      ["page.yaml", "unknown-field"],
    ]);
  });

  test("says a problem once, though diagnosis, resolving and planning all find it", async () => {
    const pod =
      "metadata: { name: p }\nspec: { containers: [{ name: c, image: x, envFrom: [{ configMapRef: { name: gone } }] }] }\n";
    await put("pod.yaml", `apiVersion: v1\nkind: Pod\n${pod}`);
    await put("page.yaml", component("{ file: ../page.wasm }"));
    const { problems, plan } = await loadSite(folder, options);
    expect(problems.map((problem) => renderProblem(problem).split(" [")[0])).toEqual([
      expect.stringMatching(/^page.yaml:4:15: error: .*leads out of the site's folder/),
      expect.stringMatching(/^pod.yaml:4:.*: warning: ConfigMap default\/gone does not exist/),
    ]);
    expect(plan.containers.pods[0]?.blocked).toBe("ConfigMap default/gone does not exist");
  });

  test("asks before building, only where there is something to build", async () => {
    const asked: string[] = [];
    const asking = (answer: boolean): LoadOptions => ({
      tools,
      builds: (needs) => {
        asked.push(...needs.map((need) => need.folder));
        return Promise.resolve(answer);
      },
    });
    await put("page.yaml", component("{ file: ./page.wasm }"));
    await put("page.wasm", "");
    expect((await loadSite(folder, asking(false))).files).toEqual(["page.wasm"]);
    expect(asked).toEqual([]);
    await put("page.yaml", component("{ source: ./page }"));
    await mkdir(join(folder, "page"));
    await expect(loadSite(folder, asking(false))).rejects.toMatchObject({ code: "build-consent" });
    expect((await loadSite(folder, asking(true))).problems).toEqual([]);
    expect(asked).toEqual(["page", "page"]);
  });

  test.each(["./page.wasm", "./gone"])("says first that there is nothing to build at %s", async (source) => {
    const builds = vi.fn<(needs: unknown) => Promise<boolean>>(() => Promise.resolve(false));
    await put("page.yaml", component(`{ source: ${source} }`));
    await put("page.wasm", "");
    const { problems } = await loadSite(folder, { tools, builds });
    expect(problems).toMatchObject([{ severity: "error", code: "source-missing" }]);
    expect(builds).not.toHaveBeenCalled();
  });

  test("an address of another machine is a warning, and what is wanted at others is planned", async () => {
    const addresses = "addresses: [{ value: 203.0.113.7 }, { value: 127.0.0.2 }]";
    await put(
      "gateway.yaml",
      gateway.replace("gatewayClassName: bandstand", `gatewayClassName: bandstand, ${addresses}`),
    );
    const { problems, plan } = await loadSite(folder, options);
    expect(problems.map((problem) => renderProblem(problem).split("\n")[0])).toEqual([
      "gateway.yaml:4:59: warning: 203.0.113.7 is no address of this machine: nothing is served there [address-not-usable]",
    ]);
    expect(plan.gateway.listeners.map(({ address }) => address)).toEqual(["127.0.0.2"]);
  });

  test("says where the subject of an error stands that comes when it runs", async () => {
    await put("gateway.yaml", gateway);
    await put("page.yaml", component("{ file: ./page.wasm }"));
    await put("page.wasm", "");
    const pod = "{ kind: Pod, apiVersion: v1, metadata: { name: p }, spec: { containers: [{ name: c, image: i }] } }";
    await put("more/pod.json", `\n${pod}`.replaceAll(/(\w+)(?=:)/g, '"$1"').replaceAll(/: (\w+)/g, ': "$1"'));
    const { locate } = await loadSite(folder, options);
    expect(locate({ resource: "WasmComponent/default/page" })).toEqual({ file: "page.yaml", line: 4, column: 15 });
    expect(locate(listenerSubject("default/gw/http"))).toEqual({ file: "gateway.yaml", line: 4, column: 70 });
    expect(locate(listenerSubject("default/gw/gone"))).toMatchObject({ file: "gateway.yaml", line: 3 });
    expect(locate({ resource: "Pod/default/p" })).toMatchObject({ file: "more/pod.json", line: 2 });
    expect(locate({ resource: "Pod/default/gone" })).toBeUndefined();
  });

  test("a folder that is not there is a problem", async () => {
    const { problems } = await loadSite(join(folder, "gone"), options);
    expect(problems.map(({ code }) => code)).toEqual(["file-unreadable"]);
  });
});

test("the storefront has no problems, and all that the example promises is in its plan", async () => {
  const { problems, plan, secrets } = await loadSite(join(import.meta.dirname, "../../examples/storefront"), options);
  expect(problems).toEqual([]);
  expect(plan.gateway.routes.map(({ id }) => id)).toEqual(["default/orders", "default/page", "default/pricing"]);
  expect(plan.gateway.services).toEqual([
    { id: "default/orders:80", protocol: "http", source: "engine", endpoints: [] },
  ]);
  expect(plan.containers.pods.map(({ name, blocked }) => [name, blocked])).toEqual([
    ["bs-storefront-default-orders-0", undefined],
  ]);
  expect(plan.containers.volumes.map(({ name }) => name)).toEqual(["bs-storefront-default-data-orders-0"]);
  expect(plan.containers.builds.map(({ image }) => image)).toEqual(["localhost/storefront/orders:1"]);
  for (const value of secrets.values()) expect(JSON.stringify(plan)).not.toContain(Buffer.from(value).toString());
});
