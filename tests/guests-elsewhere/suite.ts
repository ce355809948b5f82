import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { operate, type Script } from "./operations.ts";
import { fileAt, pathsAt } from "./source.ts";

/** The public test suite of WASI, with its programs as they are built for it. */
const repository = "WebAssembly/wasi-testsuite";
const commit = "9f80ca35444cfd9e63100725615140a346652e6c";
const program = join(import.meta.dirname, "../../bin/bandstand");
const patience = 60_000;

export interface Outcome {
  name: string;
  /** Undefined: it passed. */
  failure: string | undefined;
}

/** What a program's file beside it says of how it is called. */
interface Expected {
  args?: string[];
  /** A folder that it sees as `/`. */
  root?: string;
  env?: Record<string, string>;
  exit_code?: number;
  stdout?: string;
  stdin?: string;
}

/** Runs the suite's programs of one version of WASI (`wasip1`, `wasip3`), each in a copy of the folders that it gets. */
export async function runSuite(from: string, version: "wasip1" | "wasip3"): Promise<Outcome[]> {
  const paths = pathsAt(from, repository, commit);
  const folder = `/testsuite/wasm32-${version}/`;
  const outcomes: Outcome[] = [];
  for (const path of paths.filter((each) => each.endsWith(".wasm") && each.includes(folder))) {
    const name = path
      .replace("tests/", "")
      .replace(folder, "/")
      .replace(/\.wasm$/, "");
    outcomes.push({ name, failure: await one(from, paths, path) });
  }
  return outcomes;
}

async function one(from: string, paths: readonly string[], path: string): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-wasi-"));
  try {
    for (const each of paths)
      if (dirname(each).startsWith(`${dirname(path)}/fs-tests.dir`)) put(from, folder, path, each);
    mkdirSync(join(folder, "fs-tests.dir"), { recursive: true });
    const file = join(folder, basename(path));
    writeFileSync(file, fileAt(from, repository, commit, path)!);
    const beside = path.replace(/\.wasm$/, ".json");
    const expected = paths.includes(beside)
      ? (JSON.parse(String(fileAt(from, repository, commit, beside))) as Expected & Script)
      : {};
    return expected.operations === undefined
      ? outcome(folder, file, expected)
      : await operate(program, file, { ...expected, operations: expected.operations });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function put(from: string, folder: string, path: string, each: string): void {
  const to = join(folder, each.slice(dirname(path).length + 1));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, fileAt(from, repository, commit, each)!);
}

function outcome(
  folder: string,
  file: string,
  { args = [], root, env = {}, exit_code: code = 0, stdout, stdin }: Expected,
) {
  const grants = [
    ...(root === undefined ? [] : ["--dir", `${join(folder, root)}:/`]),
    ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
  ];
  const done = spawnSync(program, ["run", ...grants, file, ...args], { input: stdin ?? "", timeout: patience });
  if (done.status !== code) return `exit code ${String(done.status)}: ${done.stderr.toString().trim().slice(0, 300)}`;
  return stdout === undefined || stdout === done.stdout.toString()
    ? undefined
    : `said ${JSON.stringify(String(done.stdout))}`;
}
