import { BandstandError } from "../../foundation/errors/index.ts";

/** What this engine could do only with flags of its own, by what it says where it meets it. */
const proposals: [RegExp, string][] = [
  [/experimental-wasm-wasmfx/, "stack switching"],
  [/experimental-wasm-custom-descriptors/, "custom descriptors of types"],
  [/experimental-wasm-stringref/, "strings of the engine (stringref)"],
  [/experimental-wasm-shared/, "types and objects that threads share"],
  [/experimental-wasm-fp16/, "numbers of 16 bits with a fraction"],
  [/experimental-wasm-acquire-release/, "atomic instructions that acquire and release"],
  [/experimental-wasm-compilation-hints/, "hints for the compiler"],
  [/experimental-wasm-memory-control|numeric opcode: 0xfc12\b/, "control over pages of memory"],
  [/numeric opcode: 0xfc1[3-6]\b/, "wide arithmetic"],
  [/memory limits flags 0x[89a-f]\b/, "memories with pages of another size"],
];

/** How V8 says that a module is valid, and larger than it takes. */
const beyond = /([^:]*) (?:is larger than implementation limit|exceeds internal limit)/;

/**
 * Names what V8 refuses because it is of a proposal that is not on, or beyond a limit of its own: such a module is not
 * damaged. Throws `component-unsupported`; answers where it is something else.
 * @param reason what V8 says.
 */
export function refuseUnsupported(reason: string, cause: unknown): void {
  const engine = `V8 ${process.versions.v8}`;
  const large = beyond.exec(reason);
  if (large !== null) {
    throw new BandstandError(
      "component-unsupported",
      `it is more than ${engine} takes: ${reason.slice(large.index).trim()}`,
      {
        remedy:
          "Build it with less: a smaller maximum of memory (wasm-ld --max-memory), smaller tables, fewer functions.",
        cause,
      },
    );
  }
  const known = proposals.find(([pattern]) => pattern.test(reason))?.[1];
  const flag = /enable with --experimental-wasm-([\w-]+)/.exec(reason)?.[1];
  const what = known ?? (flag === undefined ? undefined : `the proposal ${flag}`);
  if (what === undefined) return;
  throw new BandstandError("component-unsupported", `it uses ${what}, which ${engine} does not run`, {
    remedy: "Build it without, for what engines take as they are (WebAssembly 3.0).",
    cause,
  });
}
