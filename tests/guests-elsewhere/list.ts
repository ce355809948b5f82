import type { Call, Guest, Source } from "./guest.ts";

const hello = (body: string): Call => ({ kind: "serve", requests: [{ path: "/", expect: { status: 200, body } }] });

const runwasi = (file: string, sha256: string): Source => ({
  repository: "containerd/runwasi",
  commit: "eb9967aae75bfc8ddf810590810f6962a8dc7c37",
  path: `crates/containerd-shim-wasm-test-modules/src/modules/${file}`,
  sha256,
});

const jco = (path: string, sha256: string): Source => ({
  repository: "bytecodealliance/jco",
  commit: "2103f7299e8d958098a357cfc37a83f344584360",
  path: `packages/${path}`,
  sha256,
});
const asynchronous = (path: string, sha256: string): Source =>
  jco(`jco-transpile/test/fixtures/components/p3/${path}`, sha256);
const rust3 = "Rust, wit-bindgen, WASI 0.3";

export const guests: Guest[] = [
  {
    name: "hello_wasi_http",
    made: "Rust, cargo-component, WASI 0.2.0",
    source: runwasi("hello_wasi_http.wasm", "a6b989c8bf787a46c9c51d96256c4007885314434a0a1551aca64893ac89f22b"),
    call: hello("Hello, this is your first wasi:http/proxy world!\n"),
  },
  {
    name: "hello_wasi_http_csharp",
    made: "C#, componentize-dotnet, WASI 0.2.0",
    source: runwasi("hello_wasi_http_csharp.wasm", "5f55920c428cebe796a993ed008a72e8d25753e3d9f0f6ed308f54e090755c00"),
    call: hello("Hello, from C#!"),
  },
  {
    name: "fetch_rs",
    made: "Rust, wit-bindgen, WASI 0.2",
    source: runwasi("fetch_rs.wasm", "768b47af2f4b9199fa883a5bfcb7072f584dd1158c626d620b8852eb6bfc51a3"),
    call: hello(""),
  },
  {
    name: "component-hello-world",
    made: "Rust, cargo-component, WASI 0.2",
    source: runwasi("component-hello-world.wasm", "d7741493015f8630503673e2b60c2a28f33ea828f22d65f3d5fbce3c342f5b86"),
    call: { kind: "run", expect: { exit: 0 } },
  },
  {
    name: "http (componentize-py example)",
    made: "Python, componentize-py 0.25.1, WASI 0.2.0",
    source: { made: "python-http.wasm" },
    call: {
      kind: "serve",
      requests: [
        {
          method: "POST",
          path: "/echo",
          headers: { "content-type": "text/plain" },
          body: "drum",
          expect: { status: 200, body: "drum" },
        },
        { path: "/nothing", expect: { status: 400, body: "" } },
      ],
    },
  },
  {
    name: "hello_wasi_http_csharp behind deny_all",
    made: "C# composed with Spin's Rust adapter by wasm-tools compose, WASI 0.2.0",
    source: { made: "denied-csharp.wasm" },
    call: hello("Hello, from C#!"),
  },
  {
    name: "p3-cli-serve-hello-world",
    made: rust3,
    source: asynchronous(
      "cli/p3-cli-serve-hello-world.wasm",
      "b3e7689ef1f82c57e2a830a563c7cf88cfd548e6516b7211cb92b3d3d637bf5d",
    ),
    call: hello("Hello, WASI!"),
  },
  {
    name: "p3-http-echo",
    made: rust3,
    source: asynchronous("http/p3-http-echo.wasm", "299abe3a771b2a28375ca85f056df96e4ab84cd80e86c76e082048649d7906cb"),
    call: {
      kind: "serve",
      requests: [{ method: "POST", path: "/", body: "drum", expect: { status: 200, body: "drum" } }],
    },
  },
  {
    name: "p3-api-proxy",
    made: rust3,
    source: asynchronous("http/p3-api-proxy.wasm", "647729fafce2f28fee76e95ca69564da6cb608daf84636cc451e7041158f76d4"),
    call: hello("hello, world!"),
  },
  {
    name: "p3-http-middleware",
    made: `${rust3}, middleware without a next stage`,
    source: asynchronous(
      "http/p3-http-middleware.wasm",
      "0c260945ef65c6a86555b9dfde30d5383a2613afe1d79b4d735e2af5cef5279b",
    ),
    call: { kind: "serve", requests: [{ path: "/", expect: { status: 500 } }] },
  },
  ...[
    [
      "p3-cli-hello-stdout",
      "cli",
      "1dc92595d922da1f7a694ab40d3d488b9b3782a676351028b296c7f65be3161b",
      "hello, world\n",
    ],
    [
      "p3-cli-hello-stdout-post-return",
      "cli",
      "cf22788f5f35e14f1638fd03db166df19e376cb4861ad9a863b4f9f5bdc6b6a3",
      "hello, world\nhello again, after return\n",
      134,
    ],
    // Traps as the specification asks for, in wasmtime 48 too: it cancels at once what is in a set that it waits for.
    ["p3-clocks-sleep", "clocks", "b6084129f49c43614a52346c52057ee0c026216f8cfeaf98aa38357e6fe555ea", undefined, 134],
    ["p3-random-imports", "random", "5f70c844a71c456d67d5c8dd350965a7e8ec5421cb0f164ab76bed6f7d68f8b0", undefined],
  ].map(([name, folder, sha256, stdout, exit = 0]): Guest => ({
    name: name as string,
    made: rust3,
    source: asynchronous(`${folder}/${name}.wasm`, sha256 as string),
    call: { kind: "run", expect: { exit: exit as number, ...(stdout !== undefined && { stdout: stdout as string }) } },
  })),
  {
    name: "hello_stdout",
    made: "Rust, cargo-component, WASI 0.2",
    source: jco(
      "jco/test/fixtures/components/hello_stdout.component.wasm",
      "d5c64ee7908410dbf78edda02f3e6734682b00436dc61e00d218433f39d5f12b",
    ),
    call: { kind: "run", expect: { exit: 0 } },
  },
  {
    name: "utf8-utf16",
    made: "C composed with MoonBit: strings in UTF-8 and UTF-16",
    source: jco(
      "jco/test/fixtures/components/utf8-utf16.composed.wasm",
      "0cd468806c34c1ff943cc266c56f309e73f7b30f6121a2d695038964ff68d348",
    ),
    call: { kind: "run", expect: { exit: 0, stdout: "ret: \n" } },
  },
  {
    name: "env-allow",
    made: "Rust composed with WASI-Virt",
    source: jco(
      "jco/test/fixtures/components/env-allow.composed.wasm",
      "9138406e246eb34fd4ae06ec410d621be2a406bbff139b1dc100c0530d981741",
    ),
    call: { kind: "prepare" },
  },
  {
    name: "stdio",
    made: "Rust composed with WASI-Virt",
    source: jco(
      "jco/test/fixtures/components/stdio.composed.wasm",
      "240ca6e1d062e18a241aea22343bf27fe4ee5ab694eac25d6495eaac9aab19ec",
    ),
    call: { kind: "prepare" },
  },
  {
    name: "dir.virt",
    made: "Rust composed with WASI-Virt: 43 crossings",
    source: jco(
      "jco/test/fixtures/commands/dir.virt.wasm",
      "502f82a587563bcc7434a2242de4539f45e65ea74b649c7fefb1a84bb25389bd",
    ),
    call: { kind: "prepare" },
  },
  {
    name: "hello (wac example)",
    made: "Rust",
    source: {
      repository: "bytecodealliance/wac",
      commit: "d0a943f26d75a8166e1de1751abe58b030a315ed",
      path: "examples/deps/example/hello.wasm",
      sha256: "df4f0569b53444181e85b62da636886370e07347184e419c4f614fdb3cd7585d",
    },
    call: { kind: "prepare" },
  },
  {
    name: "deny_all",
    made: "Rust adapter of Spin, defines resources of its own",
    source: {
      repository: "fermyon/spin",
      commit: "0f8b7ad44ae498646bc90026ad154faa2486ebc3",
      path: "crates/compose/deny_all.wasm",
      sha256: "f841b5a9104a0c4662f8eaee1f8e9b19021f81781fcd78af6450775b2bccacf8",
    },
    call: { kind: "prepare" },
  },
  ...[
    ["cargo-wasi", "Rust, cargo-wasi", "302f6c5bf63d29c0eb0f894a241e7f373dc277adc0ae97359edb0fbab0746176"],
    ["tinygo", "Go, TinyGo", "7109fabe619f1cede678c6259b1f6b9f44a62b66c7e558e1b7e1a63a04614a57"],
    ["zig-cc", "C, zig cc", "a5873e66f8b482902e29425bd98dd2004db875aa6ced95c6488824e1f2bb77fe"],
    ["zig", "Zig", "726d2e7ae931ac6a6a895eafea6cc0a6fc46e828cb68122e3967f3601f4b6a4f"],
  ].map(([folder, made, sha256]): Guest => ({
    name: `cat (${folder})`,
    made: `${made}, WASI 0.1`,
    source: {
      repository: "tetratelabs/wazero",
      commit: "481bac90d33f6b3ab6220b66ed9f29a6dec7201b",
      path: `imports/wasi_snapshot_preview1/example/testdata/${folder}/cat.wasm`,
      sha256: sha256!,
    },
    call: { kind: "run", args: ["test.txt"], files: { "test.txt": "greet\n" }, expect: { exit: 0, stdout: "greet\n" } },
  })),
  ...[
    [
      "basic.dotnet",
      "C#, .NET for WASI",
      "d84fd96d3832a3b71481d305d7728735ab3976f181f3c895c25e9414c01537cc",
      "Hello, Wasi Console!\n",
    ],
    [
      "hello-world.swift",
      "Swift, SwiftWasm",
      "6509d42fa016af609c189f4723eaf2f9c1a998df09b7fb1f8881d8f3ae534b92",
      "Hello, Swift world!\n",
    ],
    ["main.go", "Go", "873cc57cec20526975469cb0a321514b23da24ebd4a2b193abdb1866d03e95df", "Hello, WebAssembly!\n"],
  ].map(([file, made, sha256, stdout]): Guest => ({
    name: `${file} (chicory)`,
    made: `${made}, WASI 0.1`,
    source: {
      repository: "dylibso/chicory",
      commit: "ea8351c4cda92bfc46f93b16f6b19d224ebf0a78",
      path: `wasm-corpus/src/main/resources/compiled/${file}.wasm`,
      sha256: sha256!,
    },
    call: { kind: "run", expect: { exit: 0, stdout: stdout! } },
  })),
  {
    name: "hello-world.kt (chicory)",
    made: "Kotlin (objects of the engine), WASI 0.1",
    source: {
      repository: "dylibso/chicory",
      commit: "ea8351c4cda92bfc46f93b16f6b19d224ebf0a78",
      path: "wasm-corpus/src/main/resources/compiled/hello-world.kt.wasm",
      sha256: "5b48e146238cef37acf8d38a1d43a7ceadf2eec4b87c4d85a89e3b65fb17e87c",
    },
    // What it says is the time.
    call: { kind: "run", expect: { exit: 0 } },
  },
  ...[
    [
      "asc_compute_mix",
      "AssemblyScript",
      "d6f169121fcde090c9abbf11de0ea32e4b8d49c8b1feac92724d660bf95703c6",
      "fib(90) = 2880067194370816120\nprimes below 10000 = 1229\nfnv1a(lcg[4096]) = 0x1b4664f63f722675\nsum sqrt(1..1000) = 21097.455887480734\nsquares = 0,1,4,9,16,25,36,49\n",
    ],
    [
      "cpp_algorithm_test",
      "C++, wasi-sdk",
      "f0d0689f1cb5d59f2a98588a2479ee06eb7e183dc1d535763f78630990201df9",
      "sum: 4814047 evens: 501 high: 480 first: 999 last: 0\n",
    ],
    [
      "go_sort_benchmark",
      "Go",
      "1df211b6f0cb62606d32914622ab66d0b6593ea97c4ac26942058b405c517f12",
      "sort checksum: 1638022214 (N=100000)\n",
    ],
  ].map(([file, made, sha256, stdout]): Guest => ({
    name: `${file} (zwasm)`,
    made: `${made}, WASI 0.1`,
    source: {
      repository: "clojurewasm/zwasm",
      commit: "9d74fba802a50fdd4b347f3c6104baafcff04810",
      path: `test/realworld/wasm/${file}.wasm`,
      sha256: sha256!,
    },
    call: { kind: "run", expect: { exit: 0, stdout: stdout! } },
  })),
  ...(["cli", "cli-p3"] as const).map((example): Guest => ({
    name: `${example} (componentize-py example)`,
    made: `Python, componentize-py 0.25.1, WASI ${example === "cli" ? "0.2.0" : "0.3.0"}`,
    source: { made: `py-${example}.wasm` },
    call: { kind: "run", expect: { exit: 0 } },
  })),
  {
    name: "http-p3 (componentize-py example)",
    made: "Python, componentize-py 0.25.1, WASI 0.3.0",
    source: { made: "py-http-p3.wasm" },
    call: {
      kind: "serve",
      requests: [
        { method: "POST", path: "/echo", body: "hello body", expect: { status: 200, body: "hello body" } },
        { path: "/nothing", expect: { status: 400 } },
      ],
    },
  },
  ...(
    [
      [
        "composed (compose-bug)",
        "Go, TinyGo 0.37, wac: three components that share resources, WASI 0.2.0",
        ["hayride-dev/compose-bug", "42afc155da025bd7afddc6bbe5930d111ab13064", "composed.wasm"],
        "cac51caa22ec6fe9b6ff2b38490d5071998df7e44d88a68399bad9c358fed70b",
        [],
        "foo\nFOOBAR:  0 5\nfoobar\nFOOBAR:  0 5\nfoobarbaz\n",
      ],
      [
        "composed (wasm-compose)",
        "Rust, cargo-component, two components, WASI 0.2.0",
        ["ruiramos/wasm-compose", "b332e677fd00c6b92f59560e77fe834545f141bf", "composed.wasm"],
        "193e7be45d6e8ab6be9a806f4fc5b82e8668bfb157c6d60f30943e84cb517dd7",
        [],
        "Hello runner!\nHello, World!\n",
      ],
      [
        "final (the tutorial of the component model)",
        "Rust, three components, WASI 0.2.0",
        ["bitoceango/wasm-component-exmaple", "dd04b4def0d511456f29da8523229bd849fdee72", "final.wasm"],
        "3255abf43fd2ff8457949aba609f1a55a0f17712c5ab92e1fceeece45e09cd0d",
        ["1", "2", "add"],
        "1 + 2 = 3\n",
      ],
    ] as const
  ).map(([name, made, [repository, commit, path], sha256, args, stdout]): Guest => ({
    name,
    made,
    source: { repository, commit, path, sha256 },
    call: { kind: "run", args: [...args], expect: { exit: 0, stdout } },
  })),
  {
    name: "final (mcp-wrapper)",
    made: "Rust, composed, WASI 0.2.2 and 0.2.3",
    source: {
      repository: "Aditya1404Sal/mcp-wrapper",
      commit: "ecb14f3e0412da3cdf390e6a5a694a7db097e078",
      path: "final.wasm",
      sha256: "5d3048b2cae6e8989ad31e9dbf9c47d07290317eb66b24c812f39ea5dac14ed0",
    },
    call: {
      kind: "serve",
      requests: [{ path: "/", expect: { status: 404, body: "Route not found: Method::Get /" } }],
    },
  },
  {
    name: "result (ferrisify-cli)",
    made: "Rust, cargo-component, two components by wac, WASI 0.2.0",
    source: {
      repository: "tanishiking/ferrisify-wasm-component",
      commit: "5bb7433dcb40430e34f3871bd3f087ec1f82c33b",
      path: "ferrisify-cli/result.wasm",
      sha256: "4a3c7445d96ce0426aeab5c57ffc523a73cbed4bea1004618ff4f6a21017e7a0",
    },
    call: {
      kind: "run",
      args: ["hello", "20"],
      expect: {
        exit: 0,
        stdout:
          " _______\n< hello >\n -------\n        \\\n         \\\n            _~^~^~_\n        \\) /  o o  \\ (/\n          '_   -   _'\n          / '-----' \\\n\n",
      },
    },
  },
  {
    name: "streaming (example of Spin's SDK for Python)",
    made: "Python, componentize-py 0.23.0, spin-sdk 4.0.0, WASI 0.3.0-rc-2026-03-15",
    source: { made: "spin-py-streaming.wasm" },
    call: {
      kind: "serve",
      requests: [
        { method: "POST", path: "/echo", body: "drum", expect: { status: 200, body: "drum" } },
        { path: "/nothing", expect: { status: 400, body: "" } },
      ],
    },
  },
  {
    name: "wasip2 (componentize-go example)",
    made: "Go 1.26, componentize-go 0.3.4, WASI 0.2",
    source: { made: "go-wasip2.wasm" },
    call: hello("Hello, world!"),
  },
];
