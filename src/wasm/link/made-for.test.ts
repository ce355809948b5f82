import { expect, it } from "vitest";
import { remedyForComponent, remedyForModule } from "./made-for.ts";

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
  [["wasi:tls/types@0.2.0-draft#[constructor]client-handshake"], "of WASI this host has cli, clocks"],
  [["wasi:nn/graph@0.2.0-rc#load", "docs:adder/add@0.1.0#add"], "exports docs:adder/add@0.1.0 (wac plug)"],
])("says what to do about a component that imports %j", (missing, remedy) => {
  expect(remedyForComponent(missing)).toContain(remedy);
});
