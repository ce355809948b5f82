import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BandstandError } from "../../src/foundation/errors/index.ts";
import { hostLookup } from "../../src/wasm/index.ts";
import { prepare } from "../../src/wasm/prepare/index.ts";
import type { Call } from "./guest.ts";

const program = join(import.meta.dirname, "../../bin/bandstand");
/** Milliseconds for a guest to start, or to end. */
const patience = 60_000;

/** Calls a guest as the list says. Answers what it did, or throws what was expected and not done. */
export async function tryGuest(file: string, bytes: Uint8Array, call: Call): Promise<string> {
  if (call.kind === "serve") return serve(file, call.requests);
  if (call.kind === "run") return run(file, call);
  try {
    prepare(bytes, hostLookup, "request");
  } catch (error) {
    if (call.kind !== "refuse" || !(error instanceof BandstandError) || !error.message.includes(call.text)) throw error;
    return `refused: ${error.message}`;
  }
  if (call.kind === "refuse") throw new Error("taken, and should be refused");
  return "linked and rewritten";
}

async function serve(file: string, requests: (Call & { kind: "serve" })["requests"]): Promise<string> {
  const child = spawn(program, ["serve", "--listen", "127.0.0.1:0", file], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    const url = await firstUrl(child);
    const seen: string[] = [];
    for (const { method = "GET", path, headers = {}, body, expect } of requests) {
      const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
      const text = await response.text();
      const got = `${method} ${path}: ${response.status}`;
      if (response.status !== expect.status) throw new Error(`${got}, expected ${expect.status}`);
      if (expect.body !== undefined && text !== expect.body) throw new Error(`${got}, ${JSON.stringify(text)}`);
      seen.push(got);
    }
    return seen.join(", ");
  } finally {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    if (child.exitCode === null) await ended;
  }
}

function firstUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error("does not start")), patience);
    child.stderr!.on("data", (piece: Buffer) => {
      const found = /http:\/\/\S+/.exec((text += piece.toString()))?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(text.trim())));
    child.once("exit", () => clearTimeout(timer));
  });
}

async function run(
  file: string,
  { args = [], files = {}, folder: name = "/", expect }: Call & { kind: "run" },
): Promise<string> {
  const folder = `${file}.files`;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const grants = Object.keys(files).length === 0 ? [] : ["--dir", `${folder}:${name}`];
  const child = spawn(program, ["run", ...grants, file, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: patience,
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (piece: Buffer) => void (stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => void (stderr += piece.toString()));
  const exit = await new Promise((resolve) => child.once("close", resolve));
  if (exit !== expect.exit) throw new Error(`exit code ${String(exit)}: ${stderr.trim()}`);
  if (expect.stdout !== undefined && stdout !== expect.stdout) throw new Error(`said ${JSON.stringify(stdout)}`);
  return `exit code ${exit}${stdout === "" ? "" : `, ${JSON.stringify(stdout.slice(0, 60))}`}`;
}
