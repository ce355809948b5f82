import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { parse, renderProblem } from "../../model/index.ts";
import { BuildError } from "../../toolchains/index.ts";
import type { ResolveTools } from "./index.ts";
import { resolve } from "./index.ts";

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "texts-")));
  await mkdir(join(folder, "empty"));
  await mkdir(join(folder, "broken"));
  await writeFile(join(folder, "bad.wasm"), "bad");
  await symlink("/etc/hostname", join(folder, "link.wasm"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tools: ResolveTools = {
  build: (path) =>
    Promise.reject(
      path.endsWith("empty")
        ? new BandstandError("build-failed", "no language recognised\nexpected package.json")
        : new BuildError("broken does not compile", mistakes, "Correct the source."),
    ),
  prepare: () => Promise.reject(new BandstandError("component-malformed", "expected the magic number of WebAssembly")),
};

const mistakes = [
  { file: "src/index.ts", line: 1, column: 7, message: "';' expected\nbut found x" },
  { file: "src/other.ts", message: "cannot be read" },
];
const specs = [
  "file: ./gone.wasm",
  "file: ./empty",
  "file: ./bad.wasm",
  "file: ./link.wasm",
  "file: ../elsewhere.wasm",
  "source: ./bad.wasm",
  "source: ./broken",
  "source: ./empty",
  "image: registry.example/a:1",
];
const builds = [
  ["./gone", "localhost/a"],
  ["./empty", "localhost/a"],
  ["./empty", "example.com/a"],
];

test("texts of what cannot be resolved", async () => {
  const components = specs.map(
    (spec, index) =>
      `apiVersion: bandstand.dev/v1alpha1\nkind: WasmComponent\nmetadata: { name: c${index} }\nspec:\n  ${spec}\n`,
  );
  const pods = builds.map(
    ([build, image], index) =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: p${index}, annotations: { bandstand.dev/build: ${build} } }\nspec: { containers: [{ name: c, image: ${image} }] }\n`,
  );
  const text = [...components, ...pods].join("---\n");
  const { resources } = parse([{ path: "site.yaml", bytes: Buffer.from(text) }]);
  const { problems } = await resolve(folder, resources, { tools, builds: true });
  const sorted = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const texts = sorted
    .map((problem) => renderProblem(problem, problem.file === "site.yaml" ? text : undefined))
    .join("\n");
  await expect(texts).toMatchFileSnapshot("golden/problems.txt");
});
