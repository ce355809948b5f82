import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../setup/progress.mjs";

const dist = join(root, "dist");
/**
 * Programs that start often and shall start fast: all that they load becomes one file in its place. What a call begins with
 * is CommonJS: for a module Node first makes its loader of modules, which takes a short command milliseconds.
 */
const programs = [
  { entry: "foundation/errors/index.js" },
  { entry: "cli/main.js", outfile: "cli/main.cjs" },
  { entry: "cli/run/prepare.js" },
];
/** What is imported later from these folders is in the same file, and runs when it is imported. */
const within = ["cli/commands", "cli/program", "cli/run/run.js", "wasm"].map((path) => join(dist, path));
/** What they export is worked out once, here, and stands in the bundle as it is: code of Wasm, which every start would make again. */
const workedOut = ["wasm/link/hook-code.js", "wasm/prepare/sha256-code.js"].map((path) => join(dist, path));
const errors = join(dist, "foundation/errors/index.js");

/**
 * Whatever else is imported later stays a file of its own, found from where the bundle stands. Node's own modules are loaded
 * by the parts that use them, when those run, and not by `import`, which makes all of a module that Node itself makes when
 * it is asked for: of `node:fs` alone that takes five milliseconds.
 */
function filesOfTheirOwn(outfile) {
  return {
    name: "files-of-their-own",
    setup(build) {
      build.onLoad({ filter: /\.js$/, namespace: "file" }, async ({ path }) => ({
        contents: workedOut.includes(path) ? await inPlace(path) : lazily(await readFile(path, "utf8")),
      }));
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir, importer }) => {
        const file = resolve(resolveDir, path);
        const isLater =
          kind === "dynamic-import" && !within.some((each) => file === each || file.startsWith(`${each}/`));
        if (!isLater) return file === errors && importer !== "" ? { path: file, namespace: "one" } : undefined;
        const from = relative(dirname(outfile), file);
        return { path: from.startsWith(".") ? from : `./${from}`, external: true };
      });
      build.onResolve({ filter: /^of-this-file$/, namespace: "one" }, () => ({ path: errors }));
      build.onLoad({ filter: /./, namespace: "one" }, async () => ({ contents: await oneOfAll(), resolveDir: dist }));
    },
  };
}

/** The class of our errors, of which there must be one, since it is asked for by `instanceof`: that of the first file there. */
async function oneOfAll() {
  const names = Object.keys(await import(pathToFileURL(errors).href));
  const place = 'globalThis[Symbol.for("bandstand.errors")]';
  return `import * as own from "of-this-file";\nexport const { ${names.join(", ")} } = (${place} ??= own);`;
}

/** Takes modules of Node's by what hands out what is there, instead of by `import`. */
function lazily(text) {
  return text.replaceAll(/^import (\{[^}]*\}|\w+) from ("node:[^"]+");$/gm, (_, names, module) => {
    const taken = names.startsWith("{") ? names.replaceAll(" as ", ": ") : names;
    return `const ${taken} = process.getBuiltinModule(${module});`;
  });
}

/** A file with what another one exports: bytes for each function, and constants. */
async function inPlace(path) {
  const found = await import(pathToFileURL(path).href);
  const lines = Object.entries(found).map(([name, value]) => {
    if (typeof value !== "function") return `export const ${name} = ${JSON.stringify(value)};`;
    const text = Buffer.from(value()).toString("base64");
    return `export const ${name} = () => Uint8Array.fromBase64("${text}");`;
  });
  return lines.join("\n");
}

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

/** Bundles the compiled programs in place. */
export async function bundle() {
  await writePreparedVersion();
  const { build } = await import("esbuild");
  for (const { entry, outfile = entry } of programs) {
    const target = join(dist, outfile);
    const isErrors = entry === programs[0].entry;
    await build({
      ...(isErrors
        ? { stdin: { contents: `export * from "./foundation/errors/index.js";`, resolveDir: dist } }
        : { entryPoints: [join(dist, entry)] }),
      outfile: target,
      allowOverwrite: true,
      bundle: true,
      platform: "node",
      format: outfile.endsWith(".cjs") ? "cjs" : "esm",
      minifyWhitespace: true,
      lineLimit: 160,
      target: "node26",
      packages: "external",
      logLevel: "warning",
      plugins: [filesOfTheirOwn(target)],
    });
    if (outfile !== entry) await rm(join(dist, entry));
  }
}
