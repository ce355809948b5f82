import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../setup/progress.mjs";
import { contentsOf, dist, keyOf, oneClassOfErrors } from "./contents.mjs";

/** Where they stand: all in one folder, so that what one says of its own place holds wherever the bundler puts it. */
const folder = join(dist, "parts");
/** What runs in a thread of its own, found by its place in `dist`, where a file stays that leads to its part. */
const threads = ["gateway/workers/worker", "gateway/workers/components", "wasm/runtimes/v8/trial-thread"];

/** The name of a part, by the path in `dist` of the module that it begins with. */
export const partOf = (key) => `${key.replace(/\.js$/, "").replaceAll("/", "-")}.js`;

/**
 * What commands load that are no short ones, and threads: all modules that these begin with (paths in `dist`) in a few files, the
 * packages that they use too. Node takes a quarter of a millisecond for each module that is a file, and there were 700.
 */
export async function parts(build, keys) {
  const all = [...keys, ...threads.map((key) => `${key}.js`)];
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    entryPoints: Object.fromEntries(all.map((key) => [partOf(key).slice(0, -3), join(dist, key)])),
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
    // Compilers run in processes of their own, which load them from where they are installed.
    external: ["@bytecodealliance/*", "@bandstand/*", "esbuild", "assemblyscript"],
    // Of packages that are CommonJS, which ask for modules of Node's.
    banner: { js: `const require=process.getBuiltinModule("node:module").createRequire(import.meta.url);` },
    plugins: [oneClassOfErrors, placesOfFiles],
  });
  for (const key of threads) {
    await writeFile(
      join(dist, `${key}.js`),
      `export * from "${"../".repeat(key.split("/").length - 1)}parts/${partOf(key)}";\n`,
    );
  }
  await writeFile(join(dist, "LICENSES.txt"), await licences(Object.keys(metafile.inputs)));
}

/** What a module says of its own place stays true where it is a part of a file elsewhere. */
const placesOfFiles = {
  name: "places-of-files",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/dist\/.*\.js$/, namespace: "file" }, async ({ path }) => {
      const place = `new URL("../${keyOf(path)}", import.meta.url)`;
      const text = (await contentsOf(path))
        .replaceAll(/import\.meta\.resolve\((`\.\/[^`]*`)\)/g, (_, relative) => `new URL(${relative}, ${place}).href`)
        .replaceAll(/(?<!createRequire\()\bimport\.meta\.url\b/g, () => `${place}.href`);
      return { contents: text };
    }),
};

/** Licences of the packages whose files these are. */
async function licences(files) {
  const found = files.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  const packages = [...new Set(found.filter((path) => path !== undefined))].toSorted();
  const texts = packages.map(async (path) => {
    const { name, version } = JSON.parse(await readFile(join(root, path, "package.json"), "utf8"));
    const file = (await readdir(join(root, path))).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    return `${name} ${version}\n\n${await readFile(join(root, path, file), "utf8")}`;
  });
  return `Parts of these packages stand in the files of this folder.\n\n${(await Promise.all(texts)).join(`\n${"-".repeat(80)}\n`)}`;
}
