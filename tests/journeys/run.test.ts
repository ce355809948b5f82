import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { componentNew, preview1AdapterCommandPath } from "@bytecodealliance/jco";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtGuest } from "../guests/built.ts";
import { buildService } from "../guests/wasi3/build.ts";
import { Workspace } from "./workspace.ts";

const why = existsSync("/usr/include/wasm32-wasi/stdlib.h")
  ? ""
  : " (skipped: wasi-libc is missing; as root: npm run setup)";
const workspace = new Workspace();
const bandstand = join(import.meta.dirname, "../../bin/bandstand");
afterAll(() => workspace[Symbol.asyncDispose]());

describe.skipIf(why !== "")(`a WASI 0.1 command${why}`, () => {
  const run = (...args: string[]) => workspace.run("run", ...args);
  const command = (...args: string[]) => run("command.wasm", ...args);
  /** With bytes on its stdin; answers bytes. */
  const pipe = (input: Buffer, script: string) =>
    spawnSync("sh", ["-c", script, "sh", bandstand], {
      cwd: workspace.path,
      env: workspace.environment,
      input,
      maxBuffer: 1 << 28,
    });

  beforeAll(() => {
    for (const name of ["command", "writes"]) {
      const source = join(import.meta.dirname, `../guests/command/${name}.c`);
      const out = workspace.at(`${name}.wasm`);
      execFileSync("clang", ["--target=wasm32-wasi", "--sysroot=/usr", "-O1", "-o", out, source]);
    }
  });

  test("comes by a stdin that somebody set not to be waited for", async () => {
    const server = createServer((socket) => {
      setTimeout(() => socket.end(readFileSync(workspace.at("command.wasm"))), 300);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    // Node lets a process wait for its stdin, and for nothing else that it is given.
    const child = spawn("sh", ["-c", 'exec "$0" run - args one <&3', bandstand], {
      env: workspace.environment,
      stdio: ["ignore", "pipe", "inherit", socket],
    });
    socket.unref();
    const [out] = await Promise.all([text(child.stdout!), once(child, "close")]);
    socket.destroy();
    server.close();
    expect(out).toBe("one\n");
  });

  test("gets its arguments as they stand behind its file, options too", async () => {
    const { code, out } = await command("args", "one", "--help", "--dir", "/", "", "zwölf", "-x");
    expect({ code, out }).toEqual({ code: 0, out: "one\n--help\n--dir\n/\n\nzwölf\n-x\n" });
  });

  test("gets the variables that it is granted, and no others", async () => {
    const { out } = await workspace.runWith(
      { FROM_HERE: "here", SECRET: "no" },
      "run",
      "--env",
      "A=first",
      "--env",
      "A=b=c",
      "--env=FROM_HERE",
      "--env=UNSET",
      "command.wasm",
      "env",
      ..."A FROM_HERE UNSET SECRET PATH".split(" "),
    );
    expect(out).toBe("A=b=c\nFROM_HERE=here\nUNSET=(none)\nSECRET=(none)\nPATH=(none)\n");
  });

  test.each([0, 1, 3, 42, 255])("ends with its own code %i", async (code) => {
    expect(await command("exit", String(code))).toMatchObject({ code, err: "" });
  });

  test("that traps ends with 134, and says where", async () => {
    const { code, err } = await command("trap");
    expect(code).toBe(134);
    expect(err).toMatch(/^bandstand: command\.wasm: trapped: unreachable \[component-trapped\]\n {2}at /);
  });

  test("past --cpu or --wall ends with 124", async () => {
    for (const flag of ["--cpu", "--wall"]) {
      const { code, err } = await run(flag, "200ms", "command.wasm", "loop");
      expect({ flag, code }).toEqual({ flag, code: 124 });
      expect(err).toContain("200 ms");
    }
  });

  test.each(["writes.wasm", "writes2.wasm"])(
    "that only writes runs on as long as it needs, and no longer than it may: %s",
    async (file) => {
      if (file === "writes2.wasm") {
        const adapter = readFileSync(preview1AdapterCommandPath());
        const component = await componentNew(readFileSync(workspace.at("writes.wasm")), [
          ["wasi_snapshot_preview1", adapter],
        ]);
        workspace.write(file, Buffer.from(component));
      }
      // Of a component only that it failed.
      const failed = file === "writes.wasm" ? 3 : 1;
      expect(await run(file)).toEqual({ code: failed, out: "begun\n25000000\n", err: "" });
      for (const flag of ["--cpu", "--wall"]) {
        const { code, out, err } = await run(flag, "200ms", file, "for", "ever");
        expect({ flag, code, out }).toEqual({ flag, code: 124, out: "begun\n" });
        expect(err).toContain("200 ms");
      }
      expect(pipe(Buffer.alloc(0), `"$1" run ${file} > /dev/full`).status).toBe(failed);
    },
  );

  test("has no more memory than --memory, and at least what it needs to start", async () => {
    const { out } = await run("--memory", "8Mi", "command.wasm", "grow");
    expect(Number(out)).toBeLessThanOrEqual(8);
    const { code, err } = await run("--memory", "64Ki", "command.wasm", "grow");
    expect(code).toBe(1);
    expect(err).toMatch(/needs \d+ bytes of memory to start/);
  });

  test("passes bytes through, whatever they are and however many", () => {
    const bytes = Buffer.alloc(5_000_000, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    const { status, stdout } = pipe(bytes, '"$1" run command.wasm cat');
    expect(status).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });

  test("may come by a pipe, on stdin or of a shell's own", () => {
    const bytes = readFileSync(workspace.at("command.wasm"));
    expect(pipe(bytes, 'cat | "$1" run - args "a b"').stdout.toString()).toBe("a b\n");
    // Its stdin is at its end then.
    expect(pipe(bytes, '"$1" run - cat')).toMatchObject({ status: 0, stdout: Buffer.alloc(0) });
    const input = pipe(Buffer.from("in"), 'exec bash -c \'"$1" run <(cat command.wasm) cat\' bash "$1"');
    expect(input.stdout.toString()).toBe("in");
  });

  test("runs where the working folder was removed, and finds nothing in it", () => {
    const script = (call: string) => `here=$PWD; mkdir gone; cd gone; rmdir ../gone; ${call}`;
    expect(pipe(Buffer.alloc(0), script('"$1" run "$here/command.wasm" args a')).stdout.toString()).toBe("a\n");
    const none = pipe(Buffer.alloc(0), script('"$1" run --dir . "$here/command.wasm"'));
    expect(none).toMatchObject({ status: 2 });
    expect(none.stderr.toString()).toContain("--dir: . is not there [usage]");
  });

  test("has as many files open as its process may", () => {
    const script = 'ulimit -n "$2"; "$1" run --dir .:/here command.wasm open /here/command.wasm 3000';
    const most = (limit: number) =>
      spawnSync("sh", ["-c", script, "sh", bandstand, String(limit)], {
        cwd: workspace.path,
        env: workspace.environment,
      }).stdout.toString();
    expect(most(4000)).toBe("3000\n");
    // What the host itself has open counts too.
    expect(Number(most(600))).toBeGreaterThan(500);
    expect(Number(most(600))).toBeLessThan(600);
  });

  test("may import its memory", async () => {
    const source = join(import.meta.dirname, "../guests/command/command.c");
    const importing = ["--target=wasm32-wasi", "--sysroot=/usr", "-O1", "-Wl,--import-memory", source];
    execFileSync("clang", [...importing, "-o", workspace.at("importing.wasm")]);
    expect(await run("importing.wasm", "args", "one")).toEqual({ code: 0, out: "one\n", err: "" });
    expect(Number((await run("--memory", "8Mi", "importing.wasm", "grow")).out)).toBeLessThanOrEqual(8);
  });

  test("whose reader goes away hears of it, and nothing is said", () => {
    const { stdout, stderr } = pipe(Buffer.alloc(5_000_000, "line\n"), '"$1" run command.wasm cat | head -n 1');
    expect(stdout.toString()).toBe("line\n");
    expect(stderr.toString()).toBe("");
  });

  test("reads what comes when it comes, and nothing where there is nothing", () => {
    const later = pipe(
      Buffer.alloc(0),
      '(sleep 0.3; echo later) | "$1" run command.wasm cat; "$1" run command.wasm cat <&-',
    );
    expect({ out: later.stdout.toString(), status: later.status }).toEqual({ out: "later\n", status: 0 });
    const folder = pipe(Buffer.alloc(0), '"$1" run command.wasm cat <.');
    expect({ status: folder.status, err: folder.stderr.toString() }).toEqual({
      status: 9,
      err: "stdin: Is a directory\n",
    });
  });

  test("sleeps, knows the time, and sees no terminal where there is none", async () => {
    expect((await command("sleep")).out).toBe("slept\n");
    expect((await command("terminal")).out).toBe("000\n");
  });

  test("as a component is not served, and is told what else can be done", async () => {
    const adapter = readFileSync(preview1AdapterCommandPath());
    const module = readFileSync(workspace.at("command.wasm"));
    const component = await componentNew(module, [["wasi_snapshot_preview1", adapter]]);
    workspace.write("component.wasm", Buffer.from(component));
    const { code, out, err } = await workspace.run("serve", "--listen", "127.0.0.1:0", "component.wasm");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("bandstand run component.wasm");
  });

  test("uses the folders that it is granted, and no others", async () => {
    workspace.write("data/inside", "inside\n");
    workspace.write("outside", "outside\n");
    mkdirSync(workspace.at("data/more"));
    symlinkSync("../outside", workspace.at("data/link"));
    expect(await command("cat", "/data/inside")).toMatchObject({ code: 9, out: "" });
    const granted = (...args: string[]) => run("--dir", "data:/data", "command.wasm", ...args);
    expect(await granted("cat", "/data/inside")).toMatchObject({ code: 0, out: "inside\n" });
    expect(await granted("write", "/data/more/new", "written")).toMatchObject({ code: 0 });
    expect(readFileSync(workspace.at("data/more/new"), "utf8")).toBe("written");
    for (const path of ["/data/link", "/data/../outside", "/etc/passwd", "outside"]) {
      expect({ path, ...(await granted("cat", path)) }).toMatchObject({ path, code: 9, out: "" });
    }
    const readOnly = await run("--dir=data:/data:ro", "command.wasm", "write", "/data/other", "x");
    expect(readOnly).toMatchObject({ code: 9, err: "/data/other: Read-only file system\n" });
    expect(existsSync(workspace.at("data/other"))).toBe(false);
  });
});

test.skipIf(why !== "")(`a command of WASI 0.3 waits and ends${why}`, async () => {
  workspace.write("command3.wasm", await buildService("command"));
  expect(await workspace.run("run", "command3.wasm")).toEqual({ code: 0, out: "", err: "" });
  expect(await workspace.run("run", "--wall", "5ms", "command3.wasm")).toMatchObject({ code: 124 });
  workspace.write("stuck3.wasm", await buildService("stuck"));
  expect(await workspace.run("run", "stuck3.wasm")).toMatchObject({
    code: 134,
    err: expect.stringContaining("waits for what never comes"),
  });
});

test.skipIf(why !== "")(`a command of WASI 0.3 writes, waits for nothing, and ends${why}`, async () => {
  workspace.write("prints3.wasm", await buildService("prints"));
  const printed = { code: 0, out: "Hello, world!\n", err: "" };
  expect(await workspace.run("run", "prints3.wasm")).toEqual(printed);
  expect(await workspace.run("run", "--wall", "30s", "prints3.wasm")).toEqual(printed);
});

test.skipIf(why !== "")(`a command of WASI 0.3 uses the folder that it gets${why}`, async () => {
  workspace.write("files3.wasm", await buildService("files"));
  expect(await workspace.run("run", "files3.wasm")).toMatchObject({ code: 134 });
  const text = "text\n".repeat(50_000);
  workspace.write("folder/in", text);
  expect(await workspace.run("run", "--dir", "folder:/", "files3.wasm")).toEqual({
    code: 0,
    out: expect.stringMatching(/^(5 in\n5 out|5 out\n5 in)\n$/),
    err: "",
  });
  expect(readFileSync(workspace.at("folder/out"), "utf8")).toBe(text);
  expect(await workspace.run("run", "--dir", "folder:/:ro", "files3.wasm")).toMatchObject({ code: 1 });
});

test("a command runs where nothing can be kept of it, and says so", async () => {
  workspace.write("no-folder", "");
  const module =
    "0061736d01000000" +
    "010401600000" +
    "03020100" +
    "0503010001" +
    "071302066d656d6f72790200065f73746172740000" +
    "0a040102000b";
  workspace.write("plain.wasm", Buffer.from(module, "hex"));
  const { code, out, err } = await workspace.runWith(
    { XDG_CACHE_HOME: workspace.at("no-folder") },
    "run",
    "plain.wasm",
  );
  expect({ code, out }).toEqual({ code: 0, out: "" });
  expect(err).toMatch(/cannot be kept.*XDG_CACHE_HOME/);
});

test("what is no command is refused by name", async () => {
  workspace.write("text.wasm", "hello");
  workspace.write("text.wat", ";; by hand\n(module)");
  workspace.write("empty.wasm", "\0asm\x01\0\0\0");
  workspace.write("hello.wasm", await builtGuest(join(import.meta.dirname, "../guests/hello-assemblyscript")));
  workspace.write("empty-component.wasm", "\0asm\x0d\0\x01\0");
  execFileSync("mkfifo", [workspace.at("pipe")]);
  const texts: string[] = [];
  const calls = [
    ["nowhere.wasm"],
    ["."],
    ["text.wasm"],
    ["empty.wasm"],
    ["empty-component.wasm"],
    ["hello.wasm"],
    ["--dir", "nowhere", "text.wasm"],
    ["--dir", "a:b:c:d", "text.wasm"],
    ["--dir", ".:/here", "--dir", "./:/here", "text.wasm"],
    ["pipe"],
    ["-"],
    ["https://example.com/hello.wasm"],
    ["text.wat"],
    ["--env", "=x", "text.wasm"],
    ["--memory", "1", "text.wasm"],
    ["--cpu", "fast", "text.wasm"],
    ["--dri", "x", "text.wasm"],
    [],
  ];
  for (const call of calls) {
    const { code, out, err } = await workspace.run("run", ...call);
    expect({ call, out }).toEqual({ call, out: "" });
    texts.push(`$ bandstand run ${call.join(" ")}\n${err.replaceAll(workspace.path, "FOLDER")}(${code})\n`);
  }
  await expect(texts.join("\n")).toMatchFileSnapshot("golden/run.txt");
});
