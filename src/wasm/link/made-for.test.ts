import { expect, it } from "vitest";
import { remedyForComponent, remedyForLibrary, remedyForModule } from "./made-for.ts";

it.each([
  ["extism:host/env", "input_length", "Extism"],
  ["env", "proxy_get_buffer_bytes", "proxy-wasm"],
  ["http_handler", "get_uri", "http-wasm"],
  ["fastly_http_req", "body_downstream_get", "Fastly Compute"],
  ["wasi-outbound-http", "request", "Spin 1"],
  ["wapc", "__host_call", "waPC"],
  ["wasmbus", "__guest_request", "wasmCloud"],
  ["wasix_32v1", "thread_spawn_v2", "WASIX"],
  ["wasi_ephemeral_nn", "load", "wasi-nn"],
  ["wasmedge_tensorflow", "run_session", "WasmEdge"],
  ["javy_quickjs_provider_v3", "invoke", "Javy"],
  ["shopify_functions_javy_v2", "invoke", "Javy"],
  ["shopify_function_v2", "shopify_function_input_get", "Shopify"],
  ["__wbindgen_placeholder__", "__wbindgen_throw", "wasm-bindgen"],
  ["./index_bg.js", "__wbg_log_1", "JavaScript"],
  ["go", "runtime.wasmExit", "GOOS=wasip1"],
  ["gojs", "runtime.wasmExit", "GOOS=wasip1"],
  ["env", "emscripten_resize_heap", "Emscripten"],
  ["wasi:io/error@0.2.0", "[resource-drop]error", "half of a component"],
  ["$root", "f", "half of a component"],
  ["", "12", "half of a component"],
  ["__main_module__", "_start", "an adapter, no program"],
  ["GRAIN$MODULE$runtime/gc", "malloc", "Grain"],
  ["a", "b", "Emscripten"],
  ["env", "__linear_memory", "object file"],
  ["GOT.mem", "stdout", "shared library"],
  ["env", "__memory_base", "shared library"],
  ["rb-js-abi-host", "eval-js: func(code: string) -> handle<js-abi-value>", "Ruby"],
  ["dart2wasm", "_1", "JavaScript"],
  ["env", "seed", "AssemblyScript"],
  ["moonbit:ffi", "make_closure", "MoonBit"],
  ["env", "nxt_wasm_send_response", "NGINX Unit"],
  ["wasi_ephemeral_crypto_common", "array_output_len", "did not become part of WASI"],
  ["lunatic::process", "spawn", "Lunatic"],
  ["env", "opa_builtin0", "Open Policy Agent"],
  ["seal0", "seal_input", "block chain"],
  ["wasmx", "getCallData", "block chain"],
  ["bench", "start", "Sightglass"],
  ["env", "magic", "without imports of its own"],
])("says of a module that imports %s#%s for which host it is made: %s", (module, name, host) => {
  expect(
    remedyForModule([
      { module: "env", name: "any" },
      { module, name },
    ]),
  ).toContain(host);
});

it.each([
  [["fermyon:spin/llm@2.0.0#infer"], "Spin"],
  [["wasmcloud:bus/lattice@1.0.0#set-link-name"], "wasmCloud"],
  [["golem:api/host@1.1.0#generate-idempotency-key"], "Golem"],
  [["hyperlight:sandbox/tools#dispatch"], "Hyperlight"],
  [["fastly:compute/http-req#send"], "Fastly Compute has: build it for wasi:http alone"],
  [["wasi:tls/types@0.2.0-draft#[constructor]client-handshake"], "of WASI this host has cli, clocks"],
  [["wasi:cli-base/preopens#get-directories", "my:smoke/imports#thunk"], "a draft of WASI"],
  [["wasi:nn/graph@0.2.0-rc#load", "docs:adder/add@0.1.0#add"], "exports docs:adder/add@0.1.0 (wac plug)"],
])("says what to do about a component that imports %j", (missing, remedy) => {
  expect(remedyForComponent(missing)).toContain(remedy);
});

it.each([
  [["memory", "generate-ast", "cabi_realloc"], "half of a component"],
  [["memory", "docs:adder/add@0.1.0#add"], "half of a component"],
  [["memory", "handle-http-request"], "Spin 1"],
  [["memory", "allocate", "eval"], "with a main function"],
])("says what to do about a module that has no start function and exports %j", (exported, remedy) => {
  expect(remedyForLibrary(exported)).toContain(remedy);
});
