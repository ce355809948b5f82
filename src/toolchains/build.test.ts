import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BandstandError } from "../foundation/errors/index.ts";
import { buildComponent } from "./build.ts";
import { BuildError } from "./diagnostic/index.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "bandstand-toolchains-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function sources(files: Record<string, string>): Promise<string> {
  const path = join(folder, "component");
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return path;
}

/** The error as the user reads it, with the temporary folder's name taken out. */
async function refusal(path: string, options = {}): Promise<string> {
  const error: unknown = await buildComponent(path, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BandstandError)) throw error ?? new Error("it was built");
  return `${error.code}: ${error.message}\n→ ${error.remedy}\n`.replaceAll(folder, "FOLDER");
}

const assemblyscript = 'import { Request, Response } from "@bandstand/sdk";\n';
const c = "#include <bandstand.h>\n";
const json = "{}\n";

describe("what a user reads", () => {
  const cases: Record<string, Record<string, string>> = {
    "no-language": { "README.md": "hello" },
    "c-errors": { "a.c": `${c}void handle(bs_request r) {\n  int x = ;\n  return y;\n}\n`, "b.c": "#error no\n" },
    "c-undefined": { "a.c": `${c}int missing(void);\nvoid handle(bs_request r) { missing(); }\n` },
    "c-no-handle": { "a.c": "int x;\n" },
    "assemblyscript-errors": {
      "assembly/index.ts": `${assemblyscript}export function handle(request: Request): Response {\n  const x: i32 = "a";\n  return absent();\n}\n`,
    },
    "assemblyscript-no-handle": { "assembly/index.ts": "export function other(): void {}\n" },
    "typescript-syntax": { "package.json": json, "src/index.ts": "const x = ;\n" },
    "typescript-node-module": {
      "package.json": json,
      "src/index.ts": 'import { readFile } from "node:fs";\nreadFile("");\n',
    },
    "typescript-throws": { "package.json": json, "src/index.ts": "const x: any = undefined;\nx.call();\n" },
    "package-json": { "package.json": "{", "src/index.ts": "" },
  };
  test.each(Object.keys(cases))("%s", async (name) => {
    const path = await sources(cases[name] ?? {});
    await expect(await refusal(path)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test("no-folder", async () => {
    await expect(await refusal(join(folder, "absent"))).toMatchFileSnapshot("golden/no-folder.txt");
  });

  test("link-outside", async () => {
    const path = await sources({ "a.c": "" });
    await symlink("/etc/passwd", join(path, "b.c"));
    await expect(await refusal(path)).toMatchFileSnapshot("golden/link-outside.txt");
  });

  test("too-long", async () => {
    const path = await sources({ "package.json": json, "src/index.ts": "while (true) {}\n" });
    const begun = Date.now();
    await expect(await refusal(path, { limits: { timeout: 5000 } })).toMatchFileSnapshot("golden/too-long.txt");
    // Not at its own limit, which is two minutes.
    expect(Date.now() - begun).toBeLessThan(100_000);
  });
});

test("a folder of two languages is taken as the first, and says what else it could be", async () => {
  const path = await sources({
    "assembly/index.ts": `import { Request, Response } from "@bandstand/sdk";
export function handle(_: Request): Response { return Response.text("hello"); }
`,
    "package.json": "{}",
    "src/index.ts": "export default 1;\n",
  });
  expect(await buildComponent(path)).toMatchObject({ language: "assemblyscript", others: ["typescript"] });
});

test("places are data too", async () => {
  const path = await sources({ "a.c": `${c}void handle(bs_request r) {\n  int x = ;\n}\n` });
  const error = await buildComponent(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BuildError);
  expect((error as BuildError).diagnostics[0]).toMatchObject({ file: "a.c", line: 3, column: 11 });
});

test("memory is limited", async () => {
  const path = await sources({ "a.c": `${c}char huge[1 << 28] = {1};\nvoid handle(bs_request r) {}\n` });
  expect(await refusal(path, { limits: { memory: 64 * 2 ** 20 } })).toMatch(/^build-failed/);
});

test("a stop ends the compiler at once", async () => {
  const path = await sources({ "package.json": json, "src/index.ts": "while (true) {}\n" });
  const stop = new BandstandError("usage", "stopped");
  const building = buildComponent(path, { signal: AbortSignal.timeout(3000) });
  await expect(building).rejects.toMatchObject({ code: "build-failed" });
  await expect(buildComponent(path, { signal: AbortSignal.abort(stop) })).rejects.toBe(stop);
});

describe("the cache", () => {
  const hello = `${c}void handle(bs_request r) { bs_answer(r, 200, bs_headers_new(), BS_TEXT("hello")); }\n`;

  test("answers the same sources, and only those", async () => {
    const cache = join(folder, "cache");
    const path = await sources({ "a.c": hello });
    const first = await buildComponent(path, { cache });
    const again = await buildComponent(path, { cache });
    expect([first.cached, again.cached]).toEqual([false, true]);
    expect(Buffer.from(again.bytes).equals(first.bytes)).toBe(true);
    await writeFile(join(path, "a.c"), hello.replace("hello", "other"));
    const changed = await buildComponent(path, { cache });
    expect([changed.cached, changed.hash === first.hash]).toEqual([false, false]);
  });

  test("builds again where an entry was changed", async () => {
    const cache = join(folder, "cache");
    const path = await sources({ "a.c": hello });
    const first = await buildComponent(path, { cache });
    const [entry = ""] = await readdir(cache);
    const bytes = await readFile(join(cache, entry));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(join(cache, entry), bytes);
    const again = await buildComponent(path, { cache });
    expect([again.cached, Buffer.from(again.bytes).equals(first.bytes)]).toEqual([false, true]);
  });

  test("nothing is written into the author's folder", async () => {
    const path = await sources({ "a.c": hello });
    await buildComponent(path);
    expect(await readdir(path)).toEqual(["a.c"]);
  });
});

test("constructors run before the first request, and stdio of the C library is there", async () => {
  const path = await sources({
    "a.c": `${c}#include <stdio.h>\n__attribute__((constructor)) static void begin(void) { puts("begun"); }\nvoid handle(bs_request r) {}\n`,
  });
  const { bytes } = await buildComponent(path);
  expect(Buffer.from(bytes).includes("_initialize")).toBe(true);
  expect(Buffer.from(bytes).includes("wasi:cli/stdout@")).toBe(true);
});
