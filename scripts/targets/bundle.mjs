import { dirname, join, relative, resolve } from "node:path";
import { root } from "../setup/progress.mjs";

/** Programs that start often and shall start fast: all that they load at once becomes one file in its place. */
const programs = ["cli/main.js", "cli/run/run.js"];

/**
 * What is imported later stays a file of its own, found from where the bundle stands; and so does the class of our
 * errors, of which there must be one, since it is asked for by `instanceof`.
 */
function filesOfTheirOwn(outfile) {
  return {
    name: "files-of-their-own",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        if (kind !== "dynamic-import" && dirname(file) !== join(root, "dist/foundation/errors")) return undefined;
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
