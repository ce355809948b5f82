import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { parse } from "../../model/index.ts";
import type { Resources } from "../../model/index.ts";
import type { ResolveOptions, ResolveTools } from "./index.ts";
import { buildNeeds, componentFiles, resolve } from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "resolve-")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const digest = (name: string): string => `sha256:${Buffer.from(name).toString("hex").padEnd(64, "0")}`;

/** Tools that give what is asked for a digest that tells it. */
const tools: ResolveTools = {
  build: async (path) => ({ bytes: Buffer.from(`built ${path.slice(path.lastIndexOf("/") + 1)}`) }),
  prepare: async (bytes) => {
    const text = Buffer.from(bytes).toString();
    if (text === "bad")
      throw new BandstandError("component-malformed", "no magic number", { remedy: "Build it again." });
    return { digest: digest(text), ...(text === "once" && { answersOnce: true }) };
  },
};

async function put(path: string, content = ""): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

function resourcesOf(text: string, file = "site.yaml"): Resources {
  return parse([{ path: file, bytes: Buffer.from(text) }]).resources;
}

function component(name: string, spec: string): string {
  return `---\napiVersion: bandstand.dev/v1alpha1\nkind: WasmComponent\nmetadata:\n  name: ${name}\nspec:\n  ${spec}\n`;
}

function pod(name: string, build: string, ...images: string[]): string {
  const containers = images.map((image, index) => `{ name: c${index}, image: "${image}" }`).join(", ");
  return `---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  annotations: { bandstand.dev/build: ${build} }\nspec: { containers: [${containers}] }\n`;
}

async function run(text: string, options: Partial<ResolveOptions> = {}, file?: string) {
  const { resolved, problems } = await resolve(folder, resourcesOf(text, file), { tools, builds: true, ...options });
  const said = problems.map(({ severity, code, line, column }) => `${severity} ${code} ${line}:${column}`);
  return {
    components: Object.fromEntries(resolved.components),
    builds: Object.fromEntries(resolved.builds),
    said,
    problems,
  };
}

describe("components", () => {
  test("come from files and from sources, relative to the file that names them", async () => {
    await put("k8s/a.wasm", "a");
    await put("programs/b/index.ts");
    const text = component("a", "file: ./a.wasm") + component("b", "source: ../programs/b");
    expect(await run(text, {}, "k8s/site.yaml")).toMatchObject({
      components: { "default/a": { digest: digest("a") }, "default/b": { digest: digest("built b") } },
      said: [],
    });
  });

  test("that answer once an instance are not reused, which is said where it is asked for", async () => {
    await put("a.wasm", "once");
    const { components, problems } = await run(component("a", "file: ./a.wasm\n  isolation: reuse"));
    expect(components).toEqual({ "default/a": { digest: digest("once"), answersOnce: true } });
    expect(problems).toMatchObject([{ severity: "warning", code: "not-supported", line: 8, column: 14 }]);
  });

  test("outside of the folder are refused, also through links", async () => {
    const outside = await mkdtemp(join(tmpdir(), "outside-"));
    await writeFile(join(outside, "x.wasm"), "secret");
    await symlink(join(outside, "x.wasm"), join(folder, "link.wasm"));
    await symlink(outside, join(folder, "folder"));
    for (const spec of ["../x.wasm", "/etc/passwd", "./link.wasm", "./folder/x.wasm"]) {
      expect((await run(component("a", `file: ${spec}`))).said).toEqual(["error escapes-folder 7:9"]);
    }
    expect((await run(component("a", "source: ./folder"))).said).toEqual(["error escapes-folder 7:11"]);
    await rm(outside, { recursive: true });
  });

  test("that are missing, of the wrong kind or broken are problems at their place", async () => {
    await put("bad.wasm", "bad");
    await mkdir(join(folder, "folder"));
    const of = async (spec: string) => (await run(component("a", spec))).problems[0];
    expect(await of("file: ./gone.wasm")).toMatchObject({ code: "source-missing", line: 7, column: 9 });
    expect(await of("file: ./folder")).toMatchObject({ code: "source-missing" });
    expect(await of("source: ./bad.wasm")).toMatchObject({ code: "source-missing" });
    expect(await of("file: ./bad.wasm")).toMatchObject({
      severity: "error",
      code: "component-invalid",
      message: "no magic number",
      remedy: "Build it again.",
      file: "site.yaml",
      resource: "WasmComponent/default/a",
    });
    expect(await of("image: registry.example/a:1")).toMatchObject({ severity: "warning", code: "not-served-yet" });
  });

  test("whose build fails are problems; a missing compiler ends resolving", async () => {
    await mkdir(join(folder, "a"));
    const failing = (error: Error) => ({ tools: { ...tools, build: () => Promise.reject(error) } });
    const found = await run(
      component("a", "source: ./a"),
      failing(new BandstandError("build-failed", "a.ts:1:1: no\nmore")),
    );
    expect(found.said).toEqual(["error build-failed 7:11"]);
    expect(found.components).toEqual({ "default/a": { reason: "a.ts:1:1: no" } });
    const environment = failing(new BandstandError("environment", "clang is missing"));
    await expect(run(component("a", "source: ./a"), environment)).rejects.toMatchObject({ code: "environment" });
  });

  test("are not built where that is not wanted, without a word", async () => {
    await mkdir(join(folder, "a"));
    const refused = {
      tools: { ...tools, build: () => Promise.reject(new Error("must not be called")) },
      builds: false,
    };
    expect(await run(component("a", "source: ./a"), refused)).toMatchObject({
      components: { "default/a": { reason: "its source was not built" } },
      said: [],
    });
  });

  test("stop with the signal", async () => {
    await put("a.wasm", "a");
    await expect(run(component("a", "file: ./a.wasm"), { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  });
});

describe("image references", () => {
  const text = component("a", "image: registry.example/a:1");
  const pull = async (reference: string) => ({ digest: digest("1"), bytes: Buffer.from(reference) });

  test("are written into the lock file, which is stable", async () => {
    await run(text, { tools: { ...tools, pull } });
    const lock = await readFile(join(folder, "bandstand.lock"), "utf8");
    expect(lock).toContain(`registry.example/a:1: ${digest("1")}\n`);
    await run(text, { tools: { ...tools, pull }, frozen: true });
    expect(await readFile(join(folder, "bandstand.lock"), "utf8")).toBe(lock);
  });

  test("that are not locked, or changed, are refused", async () => {
    expect((await run(text, { tools: { ...tools, pull }, frozen: true })).said).toEqual([
      "error image-unavailable 7:10",
    ]);
    await put("bandstand.lock", `registry.example/a:1: ${digest("2")}\n`);
    expect((await run(text, { tools: { ...tools, pull } })).said).toEqual(["error image-unavailable 7:10"]);
  });

  test.each(["[", "- a", "a: b", "a: &x sha256:0", "x: 1"])(
    "a broken lock file (%s) is an error with its remedy",
    async (lock) => {
      await put("bandstand.lock", lock);
      await expect(run(text)).rejects.toMatchObject({ code: "site-invalid" });
    },
  );
});

describe("builds", () => {
  test("know image, folder and the hash of the context", async () => {
    await put("app/Containerfile", "FROM scratch");
    const first = await run(pod("p", "./app", "localhost/app:1", "example.com/other:1", "localhost/app:1"));
    expect(first.said).toEqual([]);
    const { hash } = first.builds["Pod/default/p"] as { hash: string };
    expect(first.builds).toEqual({ "Pod/default/p": { image: "localhost/app:1", context: join(folder, "app"), hash } });
    await put("app/more");
    expect((await run(pod("p", "./app", "localhost/app:1"))).builds["Pod/default/p"]).not.toMatchObject({ hash });
  });

  test("that cannot be are problems at the annotation", async () => {
    await put("app/Containerfile");
    await mkdir(join(folder, "empty"));
    const said = async (...options: [string, ...string[]]) => (await run(pod("p", ...options))).said;
    expect(await said("./gone", "localhost/app")).toEqual(["error source-missing 6:39"]);
    expect(await said("./empty", "localhost/app")).toEqual(["error source-missing 6:39"]);
    expect(await said("..", "localhost/app")).toEqual(["error escapes-folder 6:39"]);
    expect(await said("./app", "example.com/app")).toEqual(["error invalid-value 6:39"]);
    expect(await said("./app", "localhost/a", "localhost/b")).toEqual(["error invalid-value 6:39"]);
  });
});

test("what would be built, and which files matter, is known without building", () => {
  const text = component("a", "source: ./a") + component("f", "file: ./f.wasm") + pod("p", "./app", "localhost/app");
  const resources = resourcesOf(text, "k8s/site.yaml");
  expect(buildNeeds(resources)).toEqual([
    { type: "component", folder: "k8s/a", resource: "WasmComponent/default/a" },
    { type: "image", folder: "k8s/app", resource: "Pod/default/p" },
  ]);
  expect(componentFiles(resources)).toEqual(["k8s/f.wasm"]);
});
