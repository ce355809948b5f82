import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** As much of WASI 0.2 as guests in the text format import. */
const wit = `package t:t;
world w { import wasi:http/types@0.2.0; export wasi:http/incoming-handler@0.2.0; }
package wasi:http@0.2.0 {
  interface types {
    variant method { get, head, post, put, delete, connect, options, trace, patch, other(string) }
    // Flattened as the real one is.
    variant error-code { other(tuple<u32, u64, u32, u32, u32, u32>) }
    resource fields { constructor(); }
    resource incoming-request { method: func() -> method; path-with-query: func() -> option<string>; }
    resource outgoing-response { constructor(headers: fields); set-status-code: func(code: u16) -> result; }
    resource response-outparam { set: static func(param: response-outparam, response: result<outgoing-response, error-code>); }
  }
  interface incoming-handler {
    use types.{incoming-request, response-outparam};
    handle: func(request: incoming-request, response-out: response-outparam);
  }
}`;

/** The component of a folder that holds it, or its core module, in the text format; undefined where there is none. */
export async function watGuest(folder: string): Promise<Uint8Array | undefined> {
  const file = (await readdir(folder)).find((name) => name.endsWith(".wat"));
  if (file === undefined) return undefined;
  // Its tools take 40 MiB, and with so large a heap garbage stays for longer: endurance would measure that.
  const { componentOf, wat } = await import("../../src/wasm/testkit/index.ts");
  const text = await readFile(join(folder, file), "utf8");
  const binary = await wat(text);
  return /^\(component/m.test(text) ? binary : componentOf(binary, wit);
}
