"use strict";
/**
 * One process in which the program as built is called one time after the other, as if each call had its own: what V8 compiled
 * meanwhile is written to `dist/cli/code`, for each piece of the program. Arguments: the file that the program begins with, the
 * command, the calls as JSON, the pieces that are not written as JSON.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const vm = require("node:vm");

const [main, command, calls, without] = process.argv.slice(2);
const folder = join(dirname(main), "code");
/** Of a digest, as in `pieces.mjs`. */
const digits = 16;
const scripts = new Map();
const { Script } = vm;
/** Each file once, so that what one call runs is compiled for all. */
vm.Script = function compiled(text, { filename }) {
  if (!scripts.has(filename)) scripts.set(filename, new Script(text, { filename }));
  return scripts.get(filename);
};

function call(args) {
  return new Promise((resolve, reject) => {
    process.exit = (code = 0) => (code === 0 ? resolve() : reject(new Error(`${args.join(" ")} ended with ${code}`)));
    process.argv = [process.execPath, main, ...args];
    delete require.cache[main];
    require(main);
  });
}

const { exit } = process;
(async () => {
  for (const args of JSON.parse(calls)) await call(args);
  mkdirSync(folder, { recursive: true });
  for (const [filename, script] of scripts) {
    const piece = /([^/]+)\.js$/.exec(filename)[1];
    if (JSON.parse(without).includes(piece)) continue;
    const digest = createHash("sha256").update(readFileSync(filename)).digest("hex").slice(0, digits);
    const name = `${piece}-${digest}.${command}.${process.version}-${process.platform}-${process.arch}`;
    writeFileSync(join(folder, name), script.createCachedData());
  }
  exit(0);
})().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  exit(1);
});
