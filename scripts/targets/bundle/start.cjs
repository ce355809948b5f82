"use strict";
/**
 * What the published program begins with. It loads the pieces of the program when they are asked for, each with what V8
 * made of it before: all functions that the same command ran then, while Node's own cache of compiled code has only those
 * that run when a file is loaded, and the others are more than half of what a short command does. For common commands that was
 * when the program was built.
 */
const {
  closeSync,
  constants: flags,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
} = process.getBuiltinModule("node:fs");
const { Script } = process.getBuiltinModule("node:vm");

/** Filled in when the program is bundled: for each piece a digest of its text, and the modules that others ask it for; the commands. */
const { digests, places, commands } = BUNDLED;
const folder = process.env.NODE_COMPILE_CACHE;
const [, , named, next] = process.argv;
const command = commands.includes(named) && next !== "--help" && next !== "-h" ? named : "help";
/** Of a wrong call, which ran less than the next one of this command will. */
const wrongCall = 2;
const mostAlike = 4;
/** By piece: what answers its modules by their paths. */
const shared = Object.create(null);

function load(piece) {
  const filename = `${__dirname}/${piece}.js`;
  const name = `${piece}-${digests[piece]}`;
  const kept = folder && `${folder}/${name}-${process.version}-${process.arch}.${command}`;
  // What is kept comes first: it is there only where what was supplied was refused, and of two V8 does not look at the second.
  const cachedData = kept && existsSync(kept) ? read(kept) : supplied(name);
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData });
  if (kept && script.cachedDataRejected !== false)
    process.on("exit", (code) => code !== wrongCall && keep(script, kept, piece));
  script.runInThisContext()(require, later, part, (answer) => (shared[piece] = answer), here);
}

/**
 * What was compiled when the program was built, for the commands that were called then (`rehearsal`), and for this Node. Of the text V8
 * knows the length only: what was left of another build is told by its name.
 */
function supplied(name) {
  try {
    return readFileSync(`${__dirname}/code/${name}.${command}.${process.version}-${process.platform}-${process.arch}`);
  } catch {
    return undefined;
  }
}

/** Files that are no piece, and packages. */
const later = (path) => import(path);

/** The URL of a module of the program by its path. */
const here = (path) => process.getBuiltinModule("node:url").pathToFileURL(`${__dirname}/../${path}`).href;

/** A module of the program by its path, loaded with its piece. A short command asks for a few, of which alone objects are made. */
function part(path) {
  for (const piece in places) {
    if (!places[piece].includes(` ${path} `)) continue;
    if (!(piece in shared)) load(piece);
    return shared[piece](path);
  }
  throw new Error(`no piece has ${path}`);
}

/** V8 looks whether it is of this text and of its own version, and not whether it is whole: it was written so. */
function read(path) {
  let file;
  try {
    file = openSync(path, flags.O_RDONLY | flags.O_NOFOLLOW);
    const { size, uid, mode } = fstatSync(file);
    if (uid !== process.getuid() || (mode & 0o022) !== 0) return undefined;
    const bytes = Buffer.allocUnsafeSlow(size);
    return readSync(file, bytes) === size ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whole or not at all, and what cannot be kept is made again. */
function keep(script, path, piece) {
  const { renameSync, writeSync } = process.getBuiltinModule("node:fs");
  try {
    make(folder);
    const beside = `${path}.${process.pid}`;
    const file = openSync(beside, "wx", 0o600);
    writeSync(file, script.createCachedData());
    fsyncSync(file);
    closeSync(file);
    renameSync(beside, path);
    forget(piece);
  } catch {
    // A folder that cannot be written to, or a full disk.
  }
}

/** Not by `recursive: true`: where nothing can be made in a folder (`/proc`), that tries for ever. */
function make(path) {
  const { mkdirSync } = process.getBuiltinModule("node:fs");
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch ({ code }) {
    if (code === "EEXIST") return;
    const above = path.slice(0, path.lastIndexOf("/"));
    if (code !== "ENOENT" || above === "") throw new Error(code);
    make(above);
    mkdirSync(path, { mode: 0o700 });
  }
}

/** Of other versions of a piece and the same command the last few stay: several may be installed, and not hundreds. */
function forget(piece) {
  const { readdirSync, statSync, unlinkSync } = process.getBuiltinModule("node:fs");
  const alike = readdirSync(folder).filter((name) => name.startsWith(`${piece}-`) && name.endsWith(`.${command}`));
  const dated = alike.map((name) => ({ path: `${folder}/${name}`, at: statSync(`${folder}/${name}`).mtimeMs }));
  for (const { path } of dated.toSorted((a, b) => b.at - a.at).slice(mostAlike)) unlinkSync(path);
}

load("program");
