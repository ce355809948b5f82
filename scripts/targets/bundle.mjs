import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { root } from "../setup/progress.mjs";

/** Programs that start often and shall start fast: all that they load becomes one file in its place. */
const programs = ["foundation/errors/index.js", "cli/main.js", "cli/run/run.js", "cli/run/prepare.js"];
/** What is imported later from these folders is in the same file, and runs when it is imported. */
const within = ["cli/commands", "cli/program", "wasm"].map((folder) => join(root, "dist", folder));

/**
 * Whatever else is imported later stays a file of its own, found from where the bundle stands; and so does the class of our
 * errors, of which there must be one, since it is asked for by `instanceof`. Node's own modules are loaded by the parts that
 * use them, when those run, and not by `import`, which makes all of a module that Node itself makes when it is asked for:
 * of `node:fs` alone that takes five milliseconds.
 */
function filesOfTheirOwn(outfile) {
  const errors = join(root, "dist/foundation/errors");
  return {
    name: "files-of-their-own",
    setup(build) {
      build.onLoad({ filter: /\.js$/ }, async ({ path }) => ({ contents: lazily(await readFile(path, "utf8")) }));
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        const isLater = kind === "dynamic-import" && !within.some((folder) => file.startsWith(`${folder}/`));
        const isError = dirname(file) === errors && resolveDir !== errors;
        if (!isLater && !isError) return undefined;
        const from = relative(dirname(outfile), file);
        return { path: from.startsWith(".") ? from : `./${from}`, external: true };
      });
    },
  };
}

/** Takes modules of Node's by what hands out what is there, instead of by `import`. */
function lazily(text) {
  return text.replaceAll(/^import (\{[^}]*\}|\w+) from ("node:[^"]+");$/gm, (_, names, module) => {
    const taken = names.startsWith("{") ? names.replaceAll(" as ", ": ") : names;
    return `const ${taken} = process.getBuiltinModule(${module});`;
  });
}

/** Bundles the compiled programs in place. */
export async function bundle() {
  const { build } = await import("esbuild");
  for (const program of programs) {
    const outfile = join(root, "dist", program);
    await build({
      entryPoints: [outfile],
      outfile,
      allowOverwrite: true,
      bundle: true,
      platform: "node",
      format: "esm",
      minifyWhitespace: true,
      lineLimit: 160,
      target: "node26",
      packages: "external",
      logLevel: "warning",
      plugins: [filesOfTheirOwn(outfile)],
    });
  }
}
