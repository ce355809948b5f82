import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { contentsOf, dist, exportsOf, keyOf, oneClassOfErrors } from "./contents.mjs";
import { clientApart, compilers, partOf, withoutLanguages } from "./parts.mjs";

const at = (path) => join(dist, path);
const output = at("cli");
/**
 * The program as files that are loaded one after the other, as far as a call needs them. CommonJS, since for a module Node
 * first makes its loader of modules, which takes a short command milliseconds. A module stands in one piece only: what
 * two need of their own goes to the first one. `lazy`: each module is run when it is asked for; `holds`: all the rest of these folders.
 * `most`: bytes above which something was imported that hardly any call needs; V8 takes over each function at every start.
 */
const pieces = [
  {
    name: "program",
    uses: [],
    entries: ["cli/commands/run.js", "cli/run/run.js"].map(at),
    last: at("cli/main.js"),
    most: 140_000,
  },
  { name: "preview1", uses: ["program"], entries: [at("wasm/host/preview1/index.js")], most: 35_000 },
  {
    name: "component",
    uses: ["program"],
    entries: ["cli", "clocks", "io", "random"].map((name) => at(`wasm/host/${name}/index.js`)),
    most: 22_000,
  },
  { name: "filesystem", uses: ["program", "component"], entries: [at("wasm/host/filesystem/index.js")], most: 36_000 },
  {
    name: "asynchronous",
    uses: ["program", "component"],
    entries: ["async/index", "host/wasi3/cli", "host/wasi3/clocks", "host/wasi3/random"].map((name) =>
      at(`wasm/${name}.js`),
    ),
    most: 32_000,
  },
  // What is said of commands, and does nothing.
  {
    name: "words",
    uses: ["program"],
    entries: [],
    lazy: true,
    holds: ["commands", "completion", "program", "version", "commands.js"].map((name) => at(`cli/${name}`)),
    most: 30_000,
  },
  // What prepares and runs components: the first run of one needs it, and not what sites need beside it.
  {
    name: "others",
    uses: ["program", "preview1", "component", "filesystem", "asynchronous", "words"],
    entries: [],
    lazy: true,
    holds: ["cli/run/run.js", "cli/run/prepare.js", "cli/run/frames.js", "cli/run/rust-name.js", "wasm"].map(at),
  },
  {
    name: "site",
    uses: ["program", "preview1", "component", "filesystem", "asynchronous", "words", "others"],
    entries: [],
    lazy: true,
  },
];
/** Not in a piece, but a part (`parts.mjs`): modules that look for packages from their own place. */
const apart = ["toolchains", "cli/doctor", "cli/build", "gateway/upstream/outbound"].map(at);
const isIn = (folders, file) => folders.some((each) => file === each || file.startsWith(`${each}/`));
const isWithin = (file) => !isIn(apart, file);

/** Looks which module goes where; `write` then writes the pieces, and the file that loads them. */
export async function program({ build, transform }) {
  const plan = await planOf(build);
  return {
    later: plan.later,
    files: plan.pieces.flatMap(({ modules }) => [...modules]),
    /** Answers what was written, by paths in `dist`. */
    async write() {
      const digests = {};
      for (const piece of plan.pieces) {
        const { text } = (await bundled(build, plan, piece)).outputFiles[0];
        const whole = `(function(require,later,part,share,here){${text}\n})`;
        const beyond = /.{0,40}[^\0-\x7f].{0,40}/.exec(whole)?.[0];
        if (beyond !== undefined) throw new Error(`piece ${piece.name} has letters beyond ASCII: ${beyond}`);
        if (whole.length > (piece.most ?? Infinity)) throw new Error(tooLarge(piece, whole.length));
        digests[piece.name] = createHash("sha256").update(whole).digest("hex").slice(0, 16);
        await writeFile(join(output, `${piece.name}.js`), whole);
      }
      const { program: commands } = await import(pathToFileURL(at("cli/commands.js")).href);
      const places = Object.fromEntries(
        plan.pieces.map((piece) => {
          const asked = [...plan.asked].filter((file) => plan.pieceOf(file) === piece);
          return [piece.name, ` ${asked.map(keyOf).join(" ")} `];
        }),
      );
      const start = await readFile(join(import.meta.dirname, "start.cjs"), "utf8");
      const filled = JSON.stringify({ digests, places, commands: commands.names });
      const { code } = await transform(
        start.replace("BUNDLED", () => filled),
        { minifyWhitespace: true, platform: "node", format: "cjs", target: "node26" },
      );
      await writeFile(join(output, "main.cjs"), code);
      return ["cli/main.cjs", ...plan.pieces.map(({ name }) => `cli/${name}.js`)];
    },
  };
}

/** Bundles them for a look, until every module has its place and all is known that one asks of another. */
async function planOf(build) {
  const plan = {
    pieces: pieces.map((piece) => ({ ...piece, entries: [...piece.entries], modules: new Set(piece.entries) })),
    /** Modules that another piece asks for. */
    asked: new Set(),
    /** Modules that are parts of their own, by their paths in `dist`. */
    later: new Set(),
    names: new Map(),
    pieceOf: (file) =>
      plan.pieces.find(({ modules }) => modules.has(file)) ??
      plan.pieces.find(({ holds = [] }) => isIn(holds, file)) ??
      plan.pieces.at(-1),
  };
  for (;;) {
    const before = stateOf(plan);
    for (const piece of plan.pieces) {
      const { metafile } = await bundled(build, plan, piece);
      for (const [path, { bytesInOutput }] of Object.entries(Object.values(metafile.outputs)[0].inputs)) {
        const file = resolve(dist, path);
        // Those that another piece has stand in a namespace.
        if (bytesInOutput === 0 || path.includes(":") || path === piece.name) continue;
        const other = plan.pieces.find(({ modules }) => modules.has(file));
        if (other === undefined) piece.modules.add(file);
        else if (other !== piece) move(file, other, other.uses.includes(piece.name) ? piece : plan.pieces[0]);
      }
    }
    plan.names = await exportsOf(build, [...plan.asked]);
    if (stateOf(plan) === before) return plan;
  }
}

/** Who imports what belongs elsewhere is found by what stands in this piece and was the beginning of another. */
function tooLarge({ name, most, modules }, bytes) {
  const begun = pieces.flatMap((piece) => (piece.name === name ? [] : piece.entries));
  const found = begun.filter((file) => modules.has(file)).map(keyOf);
  const hint = found.length === 0 ? "" : `; it now holds ${found.join(", ")}, which are not to be imported at once`;
  return `piece ${name} has ${bytes} bytes, at most ${most} are expected, since calls load all of it${hint}`;
}

function move(file, from, to) {
  from.modules.delete(file);
  to.modules.add(file);
  to.entries.push(file);
}

function stateOf({ pieces: all, asked }) {
  return JSON.stringify([all.map(({ modules }) => [...modules].toSorted()), [...asked].toSorted()]);
}

async function bundled(build, plan, piece) {
  return build({
    stdin: {
      // What others ask for has been handed on before anything can ask.
      contents: `import "beginning";${piece.last ? `import "./${keyOf(piece.last)}";` : ""}`,
      resolveDir: dist,
      sourcefile: piece.name,
    },
    outfile: join(output, `${piece.name}.js`),
    absWorkingDir: dist,
    bundle: true,
    platform: "node",
    format: "cjs",
    minifyWhitespace: true,
    minifySyntax: true,
    target: "node26",
    external: [...compilers, "node:*", "../parts/*"],
    logLevel: "warning",
    charset: "ascii",
    legalComments: "none",
    metafile: true,
    write: false,
    plugins: [placing(plan, piece), oneClassOfErrors, withoutLanguages, clientApart],
  });
}

/** Runs what the piece begins with, and hands on what others ask for. */
function beginning(plan, piece) {
  const asked = [...plan.asked].filter((file) => plan.pieceOf(file) === piece);
  if (piece.lazy) {
    return sharing(asked.map((file) => [keyOf(file), `require("./${keyOf(file)}")`]));
  }
  const lines = piece.entries.map((file) => `import "./${keyOf(file)}";`);
  const shared = asked.map((file, i) => {
    const names = plan.names.get(file) ?? [];
    lines.push(`import { ${names.map((name) => `${name} as ${name}_${i}`).join(", ")} } from "./${keyOf(file)}";`);
    return [keyOf(file), `{ ${names.map((name) => `${name}: ${name}_${i}`).join(", ")} }`];
  });
  return [...lines, sharing(shared)].join("\n");
}

/** A function that answers modules by their paths. */
function sharing(modules) {
  const cases = modules.map(([path, value]) => `case "${path}": return ${value};`);
  return `share((path) => { switch (path) { ${cases.join(" ")} } });`;
}

/** Decides of every import of a piece whether it is in it, in another, or a file. */
function placing(plan, piece) {
  const isElsewhere = (file) => piece.uses.includes(plan.pieceOf(file).name) && plan.pieceOf(file).modules.has(file);
  const ask = (file) => (plan.asked.add(file), `part("${keyOf(file)}")`);
  return {
    name: "placing",
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /\.js$/, namespace: "file" }, async ({ path }) => {
        const early = [];
        const text = (await contentsOf(path)).replaceAll(/\bimport\("([^"]+)"\)/g, (whole, target) => {
          if (!target.startsWith(".")) return `later("${target}")`;
          const file = resolve(dirname(path), target);
          if (!isWithin(file)) {
            plan.later.add(keyOf(file));
            return `later("../parts/${partOf(keyOf(file))}")`;
          }
          if (plan.pieceOf(file) !== piece) return ask(file);
          if (piece.lazy) return whole;
          early.push(`import * as early${early.length} from "${target}";\n`);
          return `early${early.length - 1}`;
        });
        // A piece is no module, and none of it stands where its file stood.
        return { contents: early.join("") + text.replaceAll("import.meta.url", `here("${keyOf(path)}")`) };
      });
      onResolve({ filter: /^beginning$/ }, ({ path }) => ({ path, namespace: "beginning" }));
      onLoad({ filter: /./, namespace: "beginning" }, () => ({ contents: beginning(plan, piece), resolveDir: dist }));
      onResolve({ filter: /^\.+\// }, ({ path, resolveDir, namespace }) => {
        const file = resolve(resolveDir, path);
        if (namespace !== "file") return undefined;
        if (!isWithin(file)) throw new Error(`${keyOf(file)} is a part: it is imported later, or not at all`);
        return isElsewhere(file) ? { path: file, namespace: "elsewhere" } : undefined;
      });
      onLoad({ filter: /./, namespace: "elsewhere" }, ({ path }) => {
        const names = plan.names.get(path) ?? [];
        // Nothing is known of it before all pieces were looked at once.
        if (names.length === 0) return { contents: `module.exports = ${ask(path)};`, loader: "js" };
        return { contents: `export const { ${names.join(", ")} } = ${ask(path)};`, loader: "js" };
      });
    },
  };
}
