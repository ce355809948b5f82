import type { Call, Guest } from "./guest.ts";

const run = (stdout: string, args: string[] = [], exit = 0): Call => ({ kind: "run", args, expect: { exit, stdout } });
const refuse = (text: string): Call => ({ kind: "refuse", text });

const repositories = {
  componentUi: ["chenyan2002/component-ui", "72150a62e471d22e45869fe5a58122b88fd79c31"],
  jcoVirt: ["macovedj/jco-virt", "2af6414b574c14c4268df11cd3904d882b93a4d3"],
  wasmVsNative: ["LiamRandall/wasm-vs-native", "10f09eb4c84ca91dacef757de335872da48759c9"],
  swarm: ["TangoSplicer/Swarm-Runtime", "227b2a49eb3131f591a134a497f276b7b5877677"],
  fsAccess: ["GoogleChromeLabs/wasi-fs-access", "f5300cdcb2481b8171b24849d3b6e567a1168afe"],
  polyglot: ["nexon33/polyglot", "13de9d1b034828bbe406fc69a0c5e7a06cf216e6"],
  byExample: ["torch2424/wasm-by-example", "fce82ed5c4a30c4fe39317e59e354eb60552234c"],
  fizzy: ["wasmx/fizzy", "5ce7e0b27259265e641670d900c78c06d3db8cda"],
  spinGo: ["rajatjindal/wasip2-spin-go", "8fd2478bc73e97bbfea5355c90483aef7c91fcfc"],
} as const;

/** Files of public repositories, one a line: programs, answers, and what is refused, by what it says. */
export const files: Guest[] = (
  [
    [
      "wasi-http (component-ui)",
      "Rust, WASI 0.2.3",
      "componentUi",
      "public/wasi-http.wasm",
      "abd83a4d85361f6af15acd3e5cf0e907ff797efa6e3b2d8cdacb745010756bfd",
      {
        kind: "serve",
        requests: [
          { path: "/", expect: { status: 200, body: "Hello, wasi:http/proxy world!\n" } },
          { path: "/no/such", expect: { status: 404, body: "" } },
        ],
      },
    ],
    [
      "hello_wasi_http (jco-virt)",
      "Rust, cargo-component, WASI 0.2.0",
      "jcoVirt",
      "hello_wasi_http.wasm",
      "93c2e836e9edb9f0c2980a71356a5be41c36681511ecdde4976194e565c01407",
      {
        kind: "serve",
        requests: [{ path: "/", expect: { status: 200, body: "Hello, wasi:http/proxy world!\n" } }],
      },
    ],
    [
      "read_file_component",
      "C, an adapter, WASI 0.2.3",
      "wasmVsNative",
      "read_file_component.wasm",
      "dede378118adc1a7e58c375ae59f69bc94fc54dae1e67d424b254202f5ac976e",
      { kind: "run", args: ["test.txt"], files: { "test.txt": "greet\n" }, expect: { exit: 0, stdout: "greet\n" } },
    ],
    [
      "QuickJS (Swarm-Runtime)",
      "C, wasi-sdk with clang 11, WASI 0.1",
      "swarm",
      "runtimes/qjs.wasm",
      "1da870a17ff9cf758a6000d65cc40f85b449c192df93c599838184640444483c",
      run("1,4,9 undefined\n", ["-e", "console.log([1,2,3].map(x=>x*x), typeof std)"]),
    ],
    [
      "clock_getres (wasi-fs-access)",
      "C, WASI 0.1: all four clocks",
      "fsAccess",
      "tests/wasm/clock_getres.wasm",
      "f0961b4d40ca3e0b8932c2e826302a1ae72b94317259246450bb0a0f2a381948",
      run(""),
    ],
    [
      "hello (polyglot)",
      "Rust, of a language of its own, WASI 0.1",
      "polyglot",
      "examples/hello.wasm",
      "51b89f73804eb4ba53609681b35e6030f07864a308c5d820695ebbc8b3dfb22a",
      run("Hello from Poly!\nSum of 1-5 = 15\nDoubled: [2, 4, 6, 8, 10]\n"),
    ],
    [
      "wasi-hello-world (wasm-by-example)",
      "AssemblyScript, as-wasi, WASI 0.1",
      "byExample",
      "examples/wasi-hello-world/demo/assemblyscript/build/index.wasm",
      "b6deb816a423d2ec39bbdeb464c56936034b8a2192f3f19191fac95b6abfcc06",
      // It writes a file beside what it says.
      { kind: "run", files: { "any.txt": "" }, expect: { exit: 0, stdout: "Hello World!\n" } },
    ],
    [
      "helloworld (fizzy)",
      "by hand, WASI 0.1",
      "fizzy",
      "test/smoketests/wasi/helloworld.wasm",
      "84fef6a1e38cb2be7b749aff9e3acd028dea3226e9c333e7e36c7027204e616e",
      run("hello world\n"),
    ],
    [
      "trap (fizzy)",
      "by hand, WASI 0.1",
      "fizzy",
      "test/smoketests/wasi/trap.wasm",
      "d877ae8924a98cfd306eb2643537cc105e0dd8e1ffdad63f2131274c951a51ef",
      run("hello world\n", [], 134),
    ],
    [
      "missingstart (fizzy)",
      "by hand, WASI 0.1",
      "fizzy",
      "test/smoketests/wasi/missingstart.wasm",
      "7d3e0184fa0ffdd3766bae32328dbe1b547af0d991b889f08fb01a4112b3ff51",
      refuse("it exports no function _start"),
    ],
    [
      "invalidstart (fizzy)",
      "by hand, WASI 0.1",
      "fizzy",
      "test/smoketests/wasi/invalidstart.wasm",
      "4e910df82716a1c8100b1349323c403b77dd2eb4d014e4face68efa4a943861b",
      run("hello world\n"),
    ],
    [
      "main (wasip2-spin-go)",
      "Go, TinyGo, WASI 0.2.0 and Spin",
      "spinGo",
      "main.wasm",
      "8bd414ce49cc8c37553e5b22205faeff827fa8d779a33f1cf5201533b716dd3a",
      refuse("fermyon:spin/variables@2.0.0#get"),
    ],
    [
      "kv_store (component-ui)",
      "Rust, Fastly Compute",
      "componentUi",
      "public/kv_store.wasm",
      "daf32ba5f616a99edb60b6079b44b81ba67e0f13e8f974e64a33529cfe45e8b4",
      refuse("fastly:api"),
    ],
  ] as const satisfies readonly (readonly [string, string, keyof typeof repositories, string, string, Call])[]
).map(([name, made, from, path, sha256, call]): Guest => {
  const [repository, commit] = repositories[from];
  return { name, made, source: { repository, commit, path, sha256 }, call: call as Call };
});
