interface Import {
  module: string;
  name: string;
}

/**
 * What modules that import more than WASI were made for, by what they import, and what to do: each as its own
 * documentation names its imports. The first that fits says it.
 */
const hosts: readonly { fits: (wanted: Import) => boolean; remedy: string }[] = [
  {
    fits: ({ module }) => module === "wasi",
    remedy: "Threads of WASI (wasi-threads) are not supported, here a guest is one thread: build it without -pthread.",
  },
  {
    fits: ({ module }) => module === "wasm:js-string" || module === "wasm:text-encoder",
    remedy: "It takes strings of JavaScript: build it for WASI instead of a page or Node.",
  },
  {
    fits: ({ module, name }) => /^wbg$|^__wbindgen/.test(module) || name.startsWith("__wbindgen_"),
    remedy:
      "It is made for JavaScript by wasm-bindgen: build it for wasm32-wasip1 or wasm32-wasip2, without wasm-bindgen.",
  },
  {
    fits: ({ module }) => module === "go" || module === "gojs",
    remedy: "It is a Go program for JavaScript: build it with GOOS=wasip1.",
  },
  {
    fits: ({ module, name }) => module === "env" && /^(_?emscripten_|__syscall|invoke_[a-z]|_embind_)/.test(name),
    remedy:
      "It is made for JavaScript by Emscripten: build it with wasi-sdk, or with -sSTANDALONE_WASM where that is enough.",
  },
  {
    fits: ({ module }) => /\.[cm]?[jt]s$/.test(module),
    remedy: "It imports a file of JavaScript: build it for WASI instead of a page or Node.",
  },
  { fits: ({ module }) => module.startsWith("extism:"), remedy: other("a plug-in of Extism") },
  {
    fits: ({ module, name }) => module === "env" && name.startsWith("proxy_"),
    remedy: other("a filter of proxy-wasm, for Envoy and its like", "a component for wasi:http, as a middleware"),
  },
  {
    fits: ({ module }) => module === "http_handler",
    remedy: other("a plug-in of http-wasm", "a component for wasi:http, as a middleware"),
  },
  {
    fits: ({ module }) => module.startsWith("fastly_") || module.startsWith("fastly:"),
    remedy: other("a program of Fastly Compute", "a component for wasi:http"),
  },
  {
    fits: ({ module }) => /^(spin-config|wasi-outbound-http|outbound-|key-value$|wasi-config|spin-)/.test(module),
    remedy: other("a program of Spin 1", "a component for wasi:http, with the SDK of Spin 2 or later"),
  },
  { fits: ({ module }) => module === "wapc", remedy: other("a guest of waPC, like a policy of Kubewarden") },
  { fits: ({ module }) => module === "wasmbus", remedy: other("an actor of wasmCloud as it was", "a component") },
  { fits: ({ module }) => module.startsWith("wasix_"), remedy: other("a program of WASIX, for Wasmer") },
  {
    fits: ({ module }) => module === "wasi_ephemeral_nn",
    remedy: "It asks for inference (wasi-nn), which no guest has here: ask a service for it, by HTTP.",
  },
  { fits: ({ module }) => module.startsWith("wasmedge_"), remedy: other("a program for plug-ins of WasmEdge") },
  {
    fits: ({ module }) => /^(javy[_-]|shopify_functions_javy)/.test(module),
    remedy: "It is linked dynamically to a plug-in of Javy: let javy build it without that.",
  },
  { fits: ({ module }) => module.startsWith("shopify_function"), remedy: other("a Shopify Function") },
  {
    fits: ({ module }) => /[:$]/.test(module),
    remedy: "It is half of a component: let its toolchain, or wasm-tools component new, make one of it.",
  },
];

function other(what: string, instead = "a command of WASI"): string {
  return `It is ${what}, whose functions only its own host has: build it as ${instead}.`;
}

/** What to do about a module that imports these, which are not of WASI 0.1. */
export function remedyForModule(foreign: readonly Import[]): string {
  for (const { fits, remedy } of hosts) if (foreign.some(fits)) return remedy;
  return "Build it for wasm32-wasi (wasm32-wasip1), without imports of its own.";
}

/** What to do about a component that imports these functions, each by its interface, which no interface of this host has. */
export function remedyForComponent(missing: readonly string[]): string {
  const foreign = missing.filter((name) => !name.startsWith("wasi:"));
  const [first] = foreign;
  if (first === undefined) return `Build it without that import; of WASI this host has ${families}.`;
  if (foreign.some((name) => name.startsWith("fermyon:") || name.startsWith("spin:")))
    return "It uses what only Spin has: build it for wasi:http, wasi:keyvalue and wasi:config alone.";
  if (foreign.some((name) => name.startsWith("wasmcloud:")))
    return "It uses what only wasmCloud has: build it for interfaces of WASI alone.";
  const [at] = first.split("#");
  return `Compose it with a component that exports ${at} (wac plug), or build it without that import.`;
}

const families = "cli, clocks, config, filesystem, http, io, keyvalue, logging, random and sockets";
