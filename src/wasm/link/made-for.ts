const half = "It is half of a component: let its toolchain, or wasm-tools component new, make one of it.";

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
    fits: ({ module, name }) => module === "env" && name === "__linear_memory",
    remedy: "It is an object file, not yet linked: link it by wasm-ld, or by the compiler that made it.",
  },
  {
    fits: ({ module, name }) => /^GOT\.(func|mem)$/.test(module) || (module === "env" && name === "__memory_base"),
    remedy: "It is a shared library, which needs the program that loads it: link it statically into a command.",
  },
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
    fits: ({ module, name }) =>
      (module === "env" && /^(_?emscripten_|__syscall|invoke_[a-z]|_embind_)/.test(name)) ||
      // Names as it shortens them.
      (module === "a" && /^\w{1,2}$/.test(name)),
    remedy:
      "It is made for JavaScript by Emscripten: build it with wasi-sdk, or with -sSTANDALONE_WASM where that is enough.",
  },
  {
    fits: ({ module }) => /\.[cm]?[jt]s$/.test(module),
    remedy: "It imports a file of JavaScript: build it for WASI instead of a page or Node.",
  },
  {
    fits: ({ module }) => /^(rb-js-abi-host|canonical_abi)$/.test(module),
    remedy: "It is Ruby for JavaScript (its gem js): take a build of ruby.wasm for WASI alone.",
  },
  {
    fits: ({ module }) => /^(dart2wasm|__scalaJS.*|js_code|teavm.*|wasm_of_ocaml|OCaml|bindings|Math|js)$/.test(module),
    remedy: "Its compiler made it for JavaScript: build it for WASI instead of a page or Node.",
  },
  {
    fits: ({ module, name }) => module === "env" && /^(abort|trace|seed|console\.\w+|Date\.now)$/.test(name),
    remedy:
      "Where AssemblyScript made it: use @assemblyscript/wasi-shim, or asc --use abort=. Else link what it lacks.",
  },
  {
    fits: ({ module }) => /^(moonbit:.*|__moonbit_.*|spectest)$/.test(module),
    remedy: "It asks for functions of MoonBit's own runner: build a component of it, with wit-bindgen moonbit.",
  },
  { fits: ({ module }) => module.startsWith("extism:"), remedy: other("a plug-in of Extism") },
  {
    fits: ({ module, name }) => module === "env" && name.startsWith("proxy_"),
    remedy: other("a filter of proxy-wasm, for Envoy and its like", "a component for wasi:http, as a middleware"),
  },
  {
    fits: ({ module, name }) => module === "env" && name.startsWith("nxt_wasm_"),
    remedy: other("a module of NGINX Unit's own interface", "a component for wasi:http"),
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
  {
    fits: ({ module }) => /^wasi_(ephemeral|experimental)_/.test(module),
    remedy: "It asks for a proposal that did not become part of WASI: build it for wasm32-wasip2, without it.",
  },
  { fits: ({ module }) => module.startsWith("lunatic::"), remedy: other("a process of Lunatic") },
  {
    fits: ({ module, name }) => module === "env" && name.startsWith("opa_"),
    remedy: other("a policy of Open Policy Agent", "a component that holds the policy"),
  },
  {
    fits: ({ module }) => /^(seal\d+|ic0|smart_rollup_core|vm_hooks|wasmx)$/.test(module),
    remedy: other("a contract for a block chain"),
  },
  {
    fits: ({ module, name }) => module === "bench" && /^(start|end)$/.test(name),
    remedy: other("a benchmark of Sightglass", "a command of WASI, without the functions of its bench"),
  },
  { fits: ({ module }) => module.startsWith("wasmedge_"), remedy: other("a program for plug-ins of WasmEdge") },
  {
    fits: ({ module }) => /^(javy[_-]|shopify_functions_javy)/.test(module),
    remedy: "It is linked dynamically to a plug-in of Javy: let javy build it without that.",
  },
  { fits: ({ module }) => module.startsWith("shopify_function"), remedy: other("a Shopify Function") },
  {
    fits: ({ module }) => /^(GRAIN\$MODULE\$|_grainEnv$)/.test(module),
    remedy: "It is one module of a Grain program, not yet linked: let grain compile make the whole program.",
  },
  {
    fits: ({ module }) => module === "__main_module__",
    remedy:
      "It is an adapter, no program: give it, with a module of WASI 0.1, to wasm-tools component new (--adapt), and run what that makes.",
  },
  {
    fits: ({ module, name }) => /[:$]/.test(module) || (module === "" && /^(\d+|\$imports)$/.test(name)),
    remedy: half,
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

/** What to do about a module that has no start function, by what it exports instead. */
export function remedyForLibrary(exported: readonly string[]): string {
  if (exported.some((name) => name.startsWith("cabi_") || /^[a-z0-9-]+:[^#]+#/.test(name))) return half;
  if (exported.includes("handle-http-request"))
    return other("a program of Spin 1", "a component for wasi:http, with the SDK of Spin 2 or later");
  return "Build it for wasm32-wasi (wasm32-wasip1), with a main function.";
}

/** What to do about a component that imports these functions, each by its interface, which no interface of this host has. */
export function remedyForComponent(missing: readonly string[]): string {
  if (missing.some((name) => /^wasi:[^@]*$/.test(name)))
    return "It is made for a draft of WASI, before there were versions: build it with a current toolchain.";
  const foreign = missing.filter((name) => !name.startsWith("wasi:"));
  const [first] = foreign;
  if (first === undefined) return `Build it without that import; of WASI this host has ${families}.`;
  const platform = platforms.find(({ packages }) => foreign.some((name) => packages.test(name)));
  if (platform !== undefined) {
    const instead = platform.instead ?? "interfaces of WASI";
    return `It uses what only ${platform.name} has: build it for ${instead} alone.`;
  }
  const [at] = first.split("#");
  return `Compose it with a component that exports ${at} (wac plug), or build it without that import.`;
}

/** Whose functions only their own host has, by the packages that they are in. */
const platforms: readonly { packages: RegExp; name: string; instead?: string }[] = [
  { packages: /^(fermyon|spin):/, name: "Spin", instead: "wasi:http, wasi:keyvalue and wasi:config" },
  { packages: /^(wasmcloud|wrpc):/, name: "wasmCloud" },
  { packages: /^golem:/, name: "Golem" },
  { packages: /^fastly:/, name: "Fastly Compute", instead: "wasi:http" },
  { packages: /^edgee:/, name: "Edgee" },
  { packages: /^hyperlight:/, name: "Hyperlight" },
];

const families = "cli, clocks, config, filesystem, http, io, keyvalue, logging, random and sockets";
