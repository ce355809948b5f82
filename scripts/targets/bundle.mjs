import { dirname, join, relative, resolve } from "node:path";
import { root } from "../setup/progress.mjs";

/** Programs that start often and shall start fast: all that they load becomes one file in its place. */
const programs = ["foundation/errors/index.js", "cli/main.js", "cli/run/run.js", "cli/run/prepare.js"];
/** What is imported later from these folders is in the same file, and runs when it is imported. */
const within = ["cli/commands", "cli/program", "wasm"].map((folder) => join(root, "dist", folder));

/**
 * Whatever else is imported later stays a file of its own, found from where the bundle stands; and so does the class of our
 * errors, of which there must be one, since it is asked for by `instanceof`. Node's own modules are loaded by the parts that
 * use them, when those run: some cost milliseconds.
 */
function filesOfTheirOwn(outfile) {
  const errors = join(root, "dist/foundation/errors");
  return {
    name: "files-of-their-own",
    setup(build) {
      build.onResolve({ filter: /^node:(?!fs$|path$|buffer$)/ }, ({ path }) => ({ path, namespace: "node" }));
      build.onLoad({ filter: /./, namespace: "node" }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      }));
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
      target: "node26",
      packages: "external",
      logLevel: "warning",
      plugins: [filesOfTheirOwn(outfile)],
    });
  }
}
