import { execFileSync } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { gateway, route, service } from "./sites.ts";
import { Workspace } from "./workspace.ts";

const workspace = new Workspace();
afterAll(() => workspace[Symbol.asyncDispose]());

interface Found {
  problems: Record<string, string | number>[];
}

async function problems(...args: string[]): Promise<{ code: number | null } & Found> {
  const { code, out } = await workspace.run("check", ...args, "--json");
  return { code, ...(JSON.parse(out) as Found) };
}

test("a good folder has no problems", async () => {
  workspace.write("good/gateway.yaml", gateway(8080));
  workspace.write("good/api/route.yaml", route("name: api, port: 80"));
  workspace.write(
    "good/api/service.json",
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" } }),
  );
  workspace.write("good/api/service.yaml", service("api", 9));
  workspace.write("good/notes.yaml", "just: notes\n");
  expect(await workspace.run("check", "good")).toEqual({ code: 0, out: "good: no problems\n", err: "" });
  expect(await problems("good", "--strict")).toEqual({ code: 0, problems: [] });
});

test("a folder without a document is most likely the wrong one", async () => {
  workspace.write("empty/notes.txt", "no YAML");
  workspace.write("empty/notes.yaml", "just: notes\n");
  expect(await problems("empty", "--strict")).toMatchObject({
    code: 1,
    problems: [{ severity: "warning", code: "no-documents" }],
  });
  const { code, out } = await workspace.run("check", "empty");
  expect({ code, out }).toMatchObject({
    code: 0,
    out: expect.stringContaining("warning: no documents were found in this folder"),
  });
  const up = workspace.start("up", "empty");
  await expect.poll(() => up.err).toContain("no documents were found");
  await up.stop();
});

test("a pipe in the folder is a problem and not a wait", async () => {
  workspace.write("pipe/gateway.yaml", gateway(8080));
  execFileSync("mkfifo", [workspace.at("pipe/site.yaml")]);
  const { code, out } = await workspace.run("check", "pipe");
  expect({ code, out }).toEqual({
    code: 1,
    out: expect.stringContaining("site.yaml: error: it is a named pipe: expected a file"),
  });
});

test("all problems are shown at once, with their places", async () => {
  workspace.write("broken/a.yaml", gateway(8080).replace("port: 8080", "port: eighty"));
  workspace.write("broken/b.yaml", "apiVersion: v1\nkind: Service\n  metadata: { name: x }\n");
  workspace.write(
    "broken/c.yaml",
    "apiVersion: bandstand.dev/v1alpha1\nkind: WasmComponent\nmetadata: { name: page }\nspec: { file: ../page.wasm, limit: {} }\n",
  );
  workspace.write("broken/overlay/kustomization.yaml", "resources: [../a.yaml]\n");
  const { code, out, err } = await workspace.run("check", "broken");
  expect({ code, err }).toEqual({ code: 1, err: "" });
  await expect(workspace.stable(out)).toMatchFileSnapshot("golden/check-broken.txt");

  const found = await problems("broken");
  expect(found.code).toBe(1);
  for (const problem of found.problems) {
    expect(problem).toMatchObject({
      severity: expect.stringMatching(/^(error|warning)$/),
      code: expect.any(String),
      message: expect.any(String),
      remedy: expect.any(String),
      file: expect.stringMatching(/\.yaml$/),
    });
  }
  expect(new Set(found.problems.map(({ file }) => file))).toEqual(
    new Set(["a.yaml", "b.yaml", "c.yaml", "overlay/kustomization.yaml"]),
  );
});

test("warnings are served: they fail only with --strict", async () => {
  workspace.write("warned/site.yaml", `${gateway(8080)}---\n${route("name: gone, port: 80")}`);
  const { code, problems: found } = await problems("warned");
  expect(code).toBe(0);
  expect(found.map(({ severity, code: which, line }) => [severity, which, line])).toEqual([
    ["warning", "dangling-reference", 15],
  ]);
  expect((await problems("warned", "--strict")).code).toBe(1);
});

test("a folder that is not there, a file, and an empty folder are told apart", async () => {
  workspace.write("empty/README", "nothing");
  const texts: string[] = [];
  for (const dir of ["nowhere", "empty/README", "empty"]) {
    const { out, err } = await workspace.run("check", dir);
    texts.push(`$ bandstand check ${dir}\n${out}${err}`);
    if (dir !== "empty") texts.push(`$ bandstand up ${dir}\n${(await workspace.run("up", dir)).err}`);
  }
  await expect(workspace.stable(texts.join("\n"))).toMatchFileSnapshot("golden/folders.txt");
});

test("what serves the requests of a component is told to who asks, and why it is not reset", async () => {
  /** A command of WASI 0.1 that does nothing, with so many memories. */
  const module = (memories: number): Buffer => {
    const limits = "0001".repeat(memories);
    const section = `05${hex(1 + 2 * memories)}${hex(memories)}${limits}`;
    const start = Buffer.from("_start").toString("hex");
    return Buffer.from(
      `0061736d01000000 010401600000 03020100 ${section} 070a0106${start}0000 0a040102000b`.replaceAll(" ", ""),
      "hex",
    );
  };
  const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
  const component = (name: string, more: string) =>
    `apiVersion: bandstand.dev/v1alpha1\nkind: WasmComponent\nmetadata: { name: ${name} }\nspec: { ${more} }\n`;
  workspace.write("facts/few.wasm", module(1));
  workspace.write("facts/many.wasm", module(9));
  const texts = [
    component("few", "file: few.wasm"),
    component("many", "file: many.wasm"),
    component("kept", "file: few.wasm, isolation: reuse"),
    component("gone", "file: gone.wasm"),
  ];
  workspace.write("facts/components.yaml", texts.join("---\n"));
  const { out } = await workspace.run("check", "facts", "--verbose");
  expect(out).toContain("each request gets an instance that is reset to how it started\n");
  expect(out).toContain("each request gets a new instance: it has more than 8 memories in a module\n");
  const { out: json } = await workspace.run("check", "facts", "--verbose", "--json");
  const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
  expect(JSON.parse(json)).toMatchObject({
    problems: [{ resource: "WasmComponent/default/gone" }],
    components: [
      { namespace: "default", name: "few", digest, instances: "reset" },
      { name: "many", instances: "new", why: "it has more than 8 memories in a module" },
      { name: "kept", instances: "reused" },
    ],
  });
});

describe("a hostile Pod is refused by check and by up", () => {
  const container = "containers: [{ name: c, image: localhost/x:1 }]";
  const pods: [string, string][] = [
    ["privileged", "containers: [{ name: c, image: localhost/x:1, securityContext: { privileged: true } }]"],
    ["hostPath", `${container}, volumes: [{ name: v, hostPath: { path: / } }]`],
    ["hostNetwork", `hostNetwork: true, ${container}`],
    ["hostPID", `hostPID: true, ${container}`],
    ["hostIPC", `hostIPC: true, ${container}`],
    [
      "capabilities",
      "containers: [{ name: c, image: localhost/x:1, securityContext: { capabilities: { add: [SYS_ADMIN] } } }]",
    ],
  ];

  test.each(pods)("%s", async (name, spec) => {
    const folder = `hostile-${name.toLowerCase()}`;
    workspace.write(`${folder}/pod.yaml`, `apiVersion: v1\nkind: Pod\nmetadata: { name: evil }\nspec: { ${spec} }\n`);
    const { code, problems: found } = await problems(folder);
    expect(code).toBe(1);
    expect(found[0]).toMatchObject({ severity: "error", code: "pod-security", file: "pod.yaml", line: 4 });
    expect(found[0]!["message"]).toContain(name === "capabilities" ? "SYS_ADMIN" : name);

    const up = await workspace.run("up", folder);
    expect(up.code).toBe(1);
    expect(up.err).toContain("[pod-security]");
    expect(up.err).toContain("[site-invalid]");
    // The folder itself cannot lift it; who runs it can, but never into the host's namespaces and folders.
    const lifted = await workspace.run("check", folder, "--allow-privileged", "default");
    expect(lifted.code).toBe(name.startsWith("host") ? 1 : 0);
    expect((await workspace.run("check", folder, "--allow-privileged", "other")).code).toBe(1);
  });
});
