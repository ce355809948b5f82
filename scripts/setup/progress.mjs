import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** One line of progress, on stderr: stdout holds results. */
export function say(text) {
  process.stderr.write(`bandstand: ${text}\n`);
}

export function fail(message, remedy) {
  process.stderr.write(`bandstand: ${message}\n${remedy === undefined ? "" : `  ${remedy}\n`}`);
}

/** An error with what to do about it. */
export function mistake(message, remedy) {
  return Object.assign(new Error(message), { remedy });
}

/** Does a step that may take long: says what and, while nothing else is shown, that it goes on. */
export async function step(title, work) {
  const started = Date.now();
  say(title);
  const reminder = setInterval(() => say(`  … ${title} (${seconds(started)} so far)`), 15_000);
  try {
    const result = await work();
    say(`  done in ${seconds(started)}`);
    return result;
  } finally {
    clearInterval(reminder);
  }
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** Runs a program in the repository with its output shown. Resolves to its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], ...options });
    // The terminal sends its signals to the child too, which decides what they mean.
    const ignore = () => {};
    const pass = (signal) => child.kill(signal);
    process.on("SIGINT", ignore).on("SIGTERM", pass);
    const end = () => process.off("SIGINT", ignore).off("SIGTERM", pass);
    child.once("error", (error) => (end(), reject(error)));
    child.once("exit", (code, signal) => (end(), resolve(code ?? (signal === "SIGINT" ? 130 : 1))));
  });
}

/**
 * Runs a program and keeps its output, which is shown only where it fails: its last lines, or those that `excerpt`
 * takes. Throws then.
 */
export async function runQuietly(command, args, { excerpt = lastLines, ...options } = {}) {
  let output = "";
  const code = await new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return output;
  throw mistake(`${command} ${args.join(" ")} failed (${code}):\n  ${excerpt(output.trim()).join("\n  ")}`);
}

function lastLines(output) {
  return output.split("\n").slice(-30);
}
