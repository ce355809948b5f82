import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../setup/progress.mjs";

export const dist = join(root, "dist");
/** What they export is worked out once, here, and stands in the bundle as it is: code of Wasm and tables, which every start would make again. */
const workedOut = new Set(
  [
    "wasm/host/preview1/errno-numbers.js",
    "wasm/host/preview1/rights.js",
    "wasm/instances/stack-code.js",
    "wasm/link/hook-code.js",
    "wasm/link/restorer-code.js",
    "wasm/prepare/checksum-code.js",
    "wasm/prepare/sha256-code.js",
  ].map((path) => join(dist, path)),
);
export const errors = join(dist, "foundation/errors/index.js");

/** Of a path in `dist`, which names a module everywhere here. */
export const keyOf = (file) => relative(dist, file);

/** The text of a compiled file, as bundles have it. */
export async function contentsOf(path) {
  return workedOut.has(path) ? inPlace(path) : lazily(await readFile(path, "utf8"));
}

/** Files that hold a copy of the class of our errors take the first one there, since it is asked for by `instanceof`. */
export const oneClassOfErrors = {
  name: "one-class-of-errors",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === errors ? { path: errors, namespace: "one" } : undefined,
    );
    build.onResolve({ filter: /^of-this-file$/, namespace: "one" }, () => ({ path: errors }));
    build.onLoad({ filter: /./, namespace: "one" }, async () => {
      const names = (await exportsOf(build.esbuild.build, [errors])).get(errors);
      const place = 'globalThis[Symbol.for("bandstand.errors")]';
      const contents = `import * as own from "of-this-file";\nexport const { ${names.join(", ")} } = (${place} ??= own);`;
      return { contents, resolveDir: dirname(errors) };
    });
  },
};

/** The names that compiled files export, by file. */
export async function exportsOf(build, files) {
  if (files.length === 0) return new Map();
  const { metafile } = await build({
    entryPoints: files,
    outdir: dist,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    packages: "external",
    write: false,
    metafile: true,
    absWorkingDir: root,
  });
  const found = Object.values(metafile.outputs)
    .filter(({ entryPoint }) => entryPoint !== undefined)
    .map(({ entryPoint, exports }) => [join(root, entryPoint), exports]);
  return new Map(found);
}

/**
 * Node's own modules are loaded by the parts that use them, when those run, and not by `import`, which makes all of a module
 * that Node itself makes when it is asked for: of `node:fs` alone that takes five milliseconds. `node:crypto` takes as long,
 * and is loaded with the first call of one of its functions: most calls of most commands come to none.
 */
function lazily(text) {
  return text.replaceAll(/^import (\{[^}]*\}|\w+) from ("node:[^"]+");$/gm, (_, names, module) => {
    if (module === '"node:crypto"' && /^\{(?: (?:\w+),?)+ \}$/.test(names))
      return names.match(/\w+/g).map(later).join("\n");
    const taken = names.startsWith("{") ? names.replaceAll(" as ", ": ") : names;
    return `const ${taken} = process.getBuiltinModule(${module});`;
  });
}

/** A function or a class of `node:crypto` that stands for itself until it is called. */
function later(name) {
  const module = 'process.getBuiltinModule("node:crypto")';
  // Also read, and not only called.
  if (name === "constants") return `const { constants } = ${module};`;
  if (/^[A-Z]/.test(name)) return `const ${name} = function (...args) { return new (${module}.${name})(...args); };`;
  return `const ${name} = (...args) => ${module}.${name}(...args);`;
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
