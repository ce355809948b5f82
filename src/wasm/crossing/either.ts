import { opcode, Writer } from "../binary/index.ts";
import type { CoreType } from "../host/contract.ts";
import type { HostImport } from "../link/instance.ts";

interface Signature {
  params: readonly CoreType[];
  results: readonly CoreType[];
}

const bytes: Record<CoreType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/**
 * One function of two: `later`, which suspends its caller, where `may` answers 1, else `now`. Only Wasm can choose, since
 * what suspends cannot be called with JavaScript between, nor while an instance starts.
 */
export function either(
  signature: Signature,
  may: () => number,
  now: (...args: never[]) => unknown,
  later: (...args: never[]) => unknown,
): HostImport {
  const key = `${signature.params.join()}:${signature.results.join()}`;
  let module = modules.get(key);
  if (module === undefined) modules.set(key, (module = new WebAssembly.Module(moduleOf(signature))));
  const imports = { "": { may, now, later: new WebAssembly.Suspending(later as never) } };
  return new WebAssembly.Instance(module, imports).exports[""] as HostImport;
}

const modules = new Map<string, WebAssembly.Module>();

/**
 * `(func (export "") (type 1) (call $may) (if (type $results) (then (call $later …)) (else (call $now …))))`, where the
 * parameters are pushed before the branch's call.
 */
function moduleOf({ params, results }: Signature): Uint8Array {
  const out = Writer.module();
  const types = new Writer().u32(2).u8(0x60).u32(0).u32(1).u8(bytes.i32).u8(0x60).u32(params.length);
  for (const type of params) types.u8(bytes[type]);
  types.u32(results.length);
  for (const type of results) types.u8(bytes[type]);
  out.section(1, types);
  const imports = new Writer().u32(3);
  for (const [name, type] of [
    ["may", 0],
    ["now", 1],
    ["later", 1],
  ] as const)
    imports.name("").name(name).u8(0).u32(type);
  out.section(2, imports);
  out.section(3, new Writer().u32(1).u32(1));
  out.section(7, new Writer().u32(1).name("").u8(0).u32(3));
  const code = new Writer()
    .u32(0)
    .u8(opcode.call)
    .u32(0)
    .u8(opcode.if)
    .u8(results[0] === undefined ? 0x40 : bytes[results[0]]);
  const call = (index: number): void => {
    for (const i of params.keys()) code.u8(opcode.localGet).u32(i);
    code.u8(opcode.call).u32(index);
  };
  call(2);
  code.u8(opcode.else);
  call(1);
  code.u8(opcode.end).u8(opcode.end);
  out.section(10, new Writer().u32(1).u32(code.length).raw(code.view()));
  return out.view();
}
