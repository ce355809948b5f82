import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../setup/progress.mjs";
import { contentsOf, dist, keyOf, oneClassOfErrors } from "./contents.mjs";

/** Where they stand: all in one folder, so that what one says of its own place holds wherever the bundler puts it. */
const folder = join(dist, "parts");
/** What runs in a thread of its own, found by its place in `dist`, where a file stays that leads to its part. */
export const threads = [
  "gateway/workers/worker",
  "gateway/workers/components",
  "wasm/runtimes/v8/trial-thread",
  "cli/wiring/prepare-thread",
];

/** Packages that stay where they are installed: they run in processes of their own, which load them from there. */
export const compilers = ["@bytecodealliance/*", "@bandstand/*", "esbuild", "assemblyscript"];

/** Messages of a package in 50 languages, of which English is set by itself. */
export const withoutLanguages = {
  name: "without-languages",
  setup: ({ onLoad }) => onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export {};" })),
};

/** A client of HTTP is a megabyte, which the pieces leave to those who send requests. */
export const clientApart = {
  name: "client-apart",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: "apart" }));
    onLoad({ filter: /./, namespace: "apart" }, () => ({
      contents: 'module.exports = require("../parts/undici.js").default;',
    }));
  },
};

/** The name of a part, by the path in `dist` of the module that it begins with. */
export const partOf = (key) => `${key.replace(/\.js$/, "").replaceAll("/", "-")}.js`;

/**
 * What commands load that are no short ones, and threads: all modules that these begin with (paths in `dist`) in a few files, the
 * packages that they use too. `others`: files that stand elsewhere in the program, some of packages whose licences it says.
 * Node takes a quarter of a millisecond for each module that is a file, and there were 700.
 */
export async function parts(build, keys, others) {
  const all = [...keys, ...threads.map((key) => `${key}.js`)];
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    entryPoints: {
      ...Object.fromEntries(all.map((key) => [partOf(key).slice(0, -3), join(dist, key)])),
      undici: "undici",
    },
    outdir: folder,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    chunkNames: "shared-[hash]",
    platform: "node",
    format: "esm",
    minifyWhitespace: true,
    minifySyntax: true,
    target: "node26",
    logLevel: "warning",
    metafile: true,
    external: compilers,
    // Of packages that are CommonJS, which ask for modules of Node's.
    banner: { js: `const require=process.getBuiltinModule("node:module").createRequire(import.meta.url);` },
    plugins: [oneClassOfErrors, withoutLanguages, placesOfFiles],
  });
  for (const key of threads) {
    await writeFile(
      join(dist, `${key}.js`),
      `export * from "${"../".repeat(key.split("/").length - 1)}parts/${partOf(key)}";\n`,
    );
  }
  await writeFile(
    join(dist, "LICENSES.txt"),
    await licences([...Object.keys(metafile.inputs).map((file) => join(root, file)), ...others]),
  );
}

/** What a module says of its own place stays true where it is a part of a file elsewhere. */
const placesOfFiles = {
  name: "places-of-files",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/dist\/.*\.js$/, namespace: "file" }, async ({ path }) => {
      const text = (await contentsOf(path))
        .replaceAll(/\bimport\.meta\.resolve\((`\.\/[^`]*`)\)/g, "new URL($1, import.meta.url).href")
        .replaceAll(
          /(?<!createRequire\()\bimport\.meta\.url\b/g,
          () => `new URL("../${keyOf(path)}", import.meta.url).href`,
        );
      return { contents: text };
    }),
};

/** Licences of the packages whose files these are. */
async function licences(files) {
  const found = files.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  const packages = [...new Set(found.filter((path) => path !== undefined))].toSorted();
  const texts = packages.map(async (path) => {
    const { name, version } = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
    const file = (await readdir(path)).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    return `${name} ${version}\n\n${await readFile(join(path, file), "utf8")}`;
  });
  return `Parts of these packages stand in the files of this folder.\n\n${(await Promise.all(texts)).join(`\n${"-".repeat(80)}\n`)}`;
}
