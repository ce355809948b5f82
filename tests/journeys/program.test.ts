import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { root, Workspace } from "./workspace.ts";

const workspace = new Workspace();
afterAll(() => workspace[Symbol.asyncDispose]());

/** Every kind of wrong call; what they print is one golden file. */
const wrong: string[][] = [
  [],
  ["pu"],
  ["frobnicate"],
  ["--versoin"],
  ["-v"],
  ["push"],
  ["up"],
  ["up", "a", "b"],
  ["build", "shop", "-o", "-"],
  ["build", "shop", "-o", "-x"],
  ["serve", "shop.wasm", "--listen", "127.0.0.1:80000"],
  ["check", ""],
  ["down", "", "--volumes"],
  ["logs", ""],
  ["up", "shop", "--bulid"],
  ["up", "shop", "--nothing-like-it"],
  ["up", "shop", "--build=yes"],
  ["up", "shop", "--access-log", "al"],
  ["up", "shop", "--access-log"],
  ["up", "shop", "--access-log", "--build"],
  ["up", "shop", "--admin="],
  ["logs"],
  ["logs", "page", "--tail", "some"],
  ["completion", "bahs"],
  ["help", "stauts"],
];

test("a wrong call ends with 2, says what is wrong, the nearest choice and what to do", async () => {
  const texts: string[] = [];
  for (const args of wrong) {
    const { code, out, err } = await workspace.run(...args);
    expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
    texts.push(`$ bandstand ${args.join(" ")}\n${err}`);
  }
  await expect(texts.join("\n")).toMatchFileSnapshot("golden/wrong-calls.txt");
});

test("help of everything goes to stdout", async () => {
  const { code, out } = await workspace.run("--help");
  expect(code).toBe(0);
  const names = [...out.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name]) => name!);
  expect(names).toContain("up");
  const texts = [out];
  for (const name of names) {
    const [long, word] = [await workspace.run(name, "--help"), await workspace.run("help", name)];
    expect({ name, code: long.code, err: long.err }).toEqual({ name, code: 0, err: "" });
    expect(word.out).toBe(long.out);
    texts.push(`$ bandstand ${name} --help\n${long.out}`);
  }
  await expect(texts.join("\n")).toMatchFileSnapshot("golden/help.txt");
});

test("version says what runs, also as JSON", async () => {
  const { out } = await workspace.run("version", "--json");
  const versions = JSON.parse(out) as Record<string, string>;
  expect(Object.keys(versions)).toEqual(["bandstand", "node", "v8"]);
  const { bandstand, node, v8 } = versions;
  expect((await workspace.run("--version")).out).toBe(`bandstand ${bandstand} (node ${node}, v8 ${v8})\n`);
});

test.skipIf(!existsSync("/dev/full"))(
  "a result that cannot be written is no success (skipped without /dev/full)",
  () => {
    const script = join(import.meta.dirname, "../../bin/bandstand");
    const { status, stderr } = spawnSync("sh", ["-c", '"$1" version > /dev/full', "sh", script], { encoding: "utf8" });
    expect(stderr).toContain("the output cannot be written");
    expect(status).toBe(1);
  },
);

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("of %s knows every command and option", async (shell) => {
    const { code, out } = await workspace.run("completion", shell);
    expect(code).toBe(0);
    for (const word of ["up", "down", "check", "status", "logs", "no-watch", "strict", "follow"]) {
      expect(out).toContain(word);
    }
    const { error, status, stderr } = spawnSync(shell, ["-n"], { input: out, encoding: "utf8" });
    // Only bash is everywhere.
    if (error === undefined) expect(stderr + status).toBe("0");
  });

  const completed: [words: string, offered: string[]][] = [
    ["bandstand sta", ["status"]],
    ["bandstand help sta", ["status"]],
    ["bandstand help v", ["version"]],
    ["bandstand help status ", []],
    ["bandstand completion ", ["bash", "fish", "zsh"]],
    ["bandstand up --access-log e", ["errors"]],
    ["bandstand up --no", ["--no-watch"]],
    ["bandstand up ", ["folder"]],
    ["bandstand run ", ["a b.wasm", "folder"]],
    ["bandstand run --memory ", []],
    ["bandstand run --ca a", ["a b.wasm"]],
    ["bandstand run --dir ", ["folder"]],
    ["bandstand build -o a", ["a b.wasm"]],
    ["bandstand logs ", []],
  ];

  test("of bash completes commands, options, their values, files and folders", async () => {
    const { out } = await workspace.run("completion", "bash");
    const ask = (words: string): string[] => {
      const list = words.split(" ").map((word) => `'${word}'`);
      const script = `${out}\nCOMP_WORDS=(${list.join(" ")}); COMP_CWORD=${list.length - 1}; _bandstand; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return offers(spawnSync("bash", ["-c", script], { encoding: "utf8", cwd: places() }).stdout);
    };
    for (const [words, offered] of completed) expect({ words, offered: ask(words) }).toEqual({ words, offered });
    // The shell itself takes this apart.
    expect(ask("bandstand up --access-log = e")).toEqual(["errors"]);
  });

  test.skipIf(spawnSync("fish", ["--version"]).error !== undefined)("of fish too (skipped without fish)", async () => {
    const { out } = await workspace.run("completion", "fish");
    workspace.write("bandstand.fish", out);
    const ask = (words: string): string[] => {
      const script = `source ${workspace.at("bandstand.fish")}; complete -C '${words}'`;
      return offers(spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8", cwd: places() }).stdout);
    };
    for (const [words, offered] of completed) expect({ words, offered: ask(words) }).toEqual({ words, offered });
  });

  function offers(text: string): string[] {
    const lines = text.split("\n").map((line) => line.replace(/(?:\/)?(?:\t.*)?$/, ""));
    return lines.filter((line) => line !== "").toSorted();
  }

  function places(): string {
    workspace.write("places/a b.wasm", "");
    workspace.write("places/folder/x", "");
    return workspace.at("places");
  }
});

test("doctor says what the machine has, and what a site lacks on it", async () => {
  const { code, out } = await workspace.run("doctor", "--json");
  const { findings } = JSON.parse(out) as { findings: { subject: string; state: string; message: string }[] };
  expect(code).toBe(0);
  expect(findings.find(({ subject }) => subject === "node")?.state).toBe("ok");
  expect(findings.every(({ message }) => message.length > 0)).toBe(true);

  workspace.write(
    "boxes/pod.yaml",
    "apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: localhost/x:1 }] }\n",
  );
  // No podman on this path: the site needs it, so it is a problem with its remedy.
  const without = await workspace.runWith({ PATH: workspace.barePath() }, "doctor", "boxes", "--json");
  expect(without.code).toBe(3);
  const lacking = JSON.parse(without.out) as { findings: { subject: string }[] };
  expect(lacking.findings.find(({ subject }) => subject === "podman")).toMatchObject({
    state: "problem",
    fix: expect.stringContaining("apt-get install"),
  });
});

test("a clone that was not compiled says so where the compiled program is asked for", async () => {
  await using clone = new Workspace();
  clone.write("bin/bandstand", readFileSync(join(root, "bin/bandstand")));
  clone.write("src/cli/main.ts", "");
  symlinkSync(join(root, "node_modules"), clone.at("node_modules"));
  const env = { ...clone.environment, BANDSTAND_DIST: "1" };
  const { status, stderr } = spawnSync("sh", [clone.at("bin/bandstand"), "version"], { env, encoding: "utf8" });
  expect(status).toBe(3);
  expect(clone.stable(stderr)).toBe(
    "bandstand: <workspace>/dist, the compiled program, is not there; run 'npm run build' in <workspace>, or unset BANDSTAND_DIST\n",
  );
});

test("nohup keeps it from ending with its terminal, and what stops it still does", async () => {
  const name = (text: string) => `\x06${text}`;
  const sections = `\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\x01\x07\x13\x02${name("memory")}\x02\0${name("_start")}\0\0`;
  workspace.write("starts.wasm", Buffer.from(`\0asm\x01\0\0\0${sections}\x0a\x04\x01\x02\0\x0b`, "latin1"));
  const serve = (before: string) =>
    spawn(
      "sh",
      ["-c", `${before} exec "$1" serve --listen 127.0.0.1:0 starts.wasm`, "sh", join(root, "bin/bandstand")],
      {
        cwd: workspace.path,
        env: workspace.environment,
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
  const [kept, other] = [serve("trap '' HUP;"), serve("")];
  try {
    await Promise.all([once(kept.stderr, "data"), once(other.stderr, "data")]);
    const ends = [once(kept, "exit"), once(other, "exit")];
    kept.kill("SIGHUP");
    other.kill("SIGHUP");
    expect(await ends[1]).toEqual([0, null]);
    expect(kept.exitCode).toBe(null);
    kept.kill("SIGTERM");
    expect(await ends[0]).toEqual([0, null]);
  } finally {
    kept.kill("SIGKILL");
    other.kill("SIGKILL");
  }
});
