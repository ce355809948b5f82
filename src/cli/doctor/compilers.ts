import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Finding } from "./finding.ts";

/** Only for components that are built here from sources. */
export async function examineCompilers(needed: boolean): Promise<Finding[]> {
  const absent = needed ? "problem" : "missing";
  const npm = ["assemblyscript", "@bytecodealliance/componentize-js", "@bytecodealliance/jco", "esbuild"].filter(
    (name) => !isInstalled(name),
  );
  const scripts: Finding =
    npm.length === 0
      ? { subject: "compilers for TypeScript and AssemblyScript", state: "ok", message: "installed" }
      : {
          subject: "compilers for TypeScript and AssemblyScript",
          state: absent,
          message: `not installed: ${npm.join(", ")}`,
          fix: "npm ci",
        };
  return [scripts, await compilerOfC()];
}

async function compilerOfC(): Promise<Finding> {
  const subject = "compiler for C";
  const parts: [string, boolean][] = [
    ["clang", await onPath("clang")],
    ["lld", await onPath("wasm-ld")],
    ["wasi-libc", await exists("/usr/include/wasm32-wasi/stdlib.h")],
  ];
  const missing = parts.filter(([, found]) => !found).map(([name]) => name);
  if (missing.length === 0) return { subject, state: "ok", message: "clang, lld and wasi-libc are installed" };
  return {
    subject,
    state: "missing",
    message: `components in C cannot be built here: ${missing.join(", ")} not installed`,
    fix: "As root: apt-get install -y clang lld wasi-libc libclang-rt-dev-wasm32",
  };
}

async function onPath(program: string): Promise<boolean> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = await Promise.all(folders.map((folder) => exists(join(folder, program))));
  return found.includes(true);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
