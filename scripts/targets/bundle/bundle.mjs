import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contentsOf, dist, oneClassOfErrors } from "./contents.mjs";
import { parts, threads } from "./parts.mjs";
import { program } from "./pieces.mjs";
import { prune } from "./prune.mjs";

/**
 * What names prepared files (`src/wasm/prepare/version.ts`): the digest of all that prepares them and reads them. Written before
 * anything is bundled, so that bundles and the files beside them say the same.
 */
async function writePreparedVersion() {
  const folder = join(dist, "wasm");
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".js")).sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name}\n${await readFile(join(folder, name), "utf8")}`);
  const text = `export const preparedVersion = "${hash.digest("hex").slice(0, 16)}";\n`;
  await writeFile(join(folder, "prepare/version.js"), text);
}

/** Bundles the compiled program in place: what commands share with modules that are loaded as files, and then itself. */
export async function bundle() {
  await writePreparedVersion();
  const { build, transform } = await import("esbuild");
  const pieces = await program({ build, transform });
  await build({
    stdin: { contents: `export * from "./foundation/errors/index.js";`, resolveDir: dist },
    outfile: join(dist, "foundation/errors/index.js"),
    allowOverwrite: true,
    bundle: true,
    platform: "node",
    format: "esm",
    minifyWhitespace: true,
    target: "node26",
    logLevel: "warning",
    plugins: [
      oneClassOfErrors,
      {
        name: "contents",
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.js$/, namespace: "file" }, async ({ path }) => ({ contents: await contentsOf(path) })),
      },
    ],
  });
  await parts(build, pieces.later, pieces.files);
  const written = await pieces.write();
  await prune([...written, ...threads.map((key) => `${key}.js`)]);
}
