import { BandstandError, messageOf } from "../../foundation/errors/index.ts";

const adapted = "wasi_snapshot_preview1";

/**
 * What the adapter would refuse without its reason, or by the first only, is refused here: damaged modules, imports that
 * nobody has, modules that do not start. Throws `component-malformed` and `component-unsupported`.
 */
export async function checkModule(bytes: Uint8Array): Promise<void> {
  const module = await WebAssembly.compile(Uint8Array.from(bytes)).catch((cause: unknown) => {
    const reason = messageOf(cause).replace(/^WebAssembly\.\w+\(\): /, "");
    throw new BandstandError("component-malformed", `it is no valid WebAssembly module: ${reason}`, {
      remedy: "Check that the file is whole: build or fetch it once more.",
      cause,
    });
  });
  // Interfaces of WIT are the adapter's to judge: a module may say in itself what it is as a component.
  const unknown = WebAssembly.Module.imports(module).filter(
    (each) => each.module !== adapted && !/[:$]/.test(each.module),
  );
  if (unknown.length > 0) {
    const names = unknown.slice(0, 8).map(({ module: from, name }) => `${from}#${name}`);
    const more = unknown.length > names.length ? ` and ${unknown.length - names.length} more` : "";
    throw new BandstandError("component-unsupported", `it imports what is not WASI 0.1: ${names.join(", ")}${more}`, {
      remedy: remedyFor(unknown.map((each) => each.module)),
    });
  }
  const starts = WebAssembly.Module.exports(module).some(({ kind, name }) => kind === "function" && name === "_start");
  if (starts) return;
  throw new BandstandError("component-unsupported", "it is no command of WASI 0.1: it exports no function _start", {
    remedy: "Build it for wasm32-wasi (wasm32-wasip1), with a main function.",
  });
}

function remedyFor(modules: readonly string[]): string {
  if (modules.includes("wasi_unstable")) return "It is built for a draft of WASI: build it with a newer toolchain.";
  if (modules.includes("wasi")) return "Threads of WASI are not supported: build it without.";
  return "Build it for wasm32-wasi (wasm32-wasip1), without imports of its own.";
}
