import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { type Descriptor, FileError, openGrants } from "./index.ts";

/** Changes one thing for another as fast as it can, until it is told to stop. */
const exchange = `
const { workerData: { steps, state } } = require("node:worker_threads");
const { renameSync } = require("node:fs");
while (Atomics.load(state, 0) === 0) {
  for (const [from, to] of steps) renameSync(from, to);
  Atomics.add(state, 1, 1);
}`;

async function whileExchanging(steps: [from: string, to: string][], act: () => void): Promise<void> {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(exchange, { eval: true, workerData: { steps, state } });
  const ended = new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
  try {
    while (Atomics.load(state, 1) < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    act();
  } finally {
    Atomics.store(state, 0, 1);
    await ended;
  }
}

const secret = "the secret";

/** A granted folder, and beside it another one with the same names in it. */
async function inFolders(test: (root: Descriptor, granted: string, outside: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-race-"));
  const [granted, outside] = [join(folder, "granted"), join(folder, "outside")];
  for (const [host, text] of [
    [granted, "inside"],
    [outside, secret],
  ] as const) {
    mkdirSync(join(host, "x"), { recursive: true });
    writeFileSync(join(host, "f"), text);
    writeFileSync(join(host, "x", "f"), text);
  }
  const files = openGrants([{ host: granted, guest: "/", readOnly: false }]);
  try {
    await test(files.directories[0]!.descriptor, granted, outside);
  } finally {
    files.close();
    rmSync(folder, { recursive: true });
  }
}

/** Does something over and over, until it went both ways, or as it must have some time. Answers what came of it. */
function overAndOver(act: () => string, due?: string): Map<string, number> {
  const seen = new Map<string, number>();
  const isSeen = (): boolean => seen.size > 1 && (due === undefined || seen.has(due));
  for (let round = 0; round < 1500 || (!isSeen() && round < 200_000); round++) {
    let result: string;
    try {
      result = act();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      result = error.code;
    }
    seen.set(result, (seen.get(result) ?? 0) + 1);
  }
  return seen;
}

function read(root: Descriptor, path: string): string {
  const file = root.openAt(path, { read: true, follow: true });
  const into = Buffer.alloc(100);
  const size = file.read(into, 0n);
  file.close();
  return into.toString("utf8", 0, size);
}

it("a directory that is exchanged for a link to the outside leads nowhere", () =>
  inFolders(async (root, granted, outside) => {
    symlinkSync("../outside/x", join(granted, "link"));
    const [x, link, away] = [join(granted, "x"), join(granted, "link"), join(granted, "away")];
    await whileExchanging(
      [
        [x, away],
        [link, x],
        [x, link],
        [away, x],
      ],
      () => {
        const read1 = overAndOver(() => read(root, "x/f"));
        expect([...read1.keys()]).toContain("inside");
        expect([...read1.keys()]).not.toContain(secret);
        overAndOver(() => {
          root.openAt("x/made", { create: true, write: true, follow: true }).close();
          root.createDirectoryAt("x/folder");
          root.symlinkAt("f", "x/symbolic");
          root.linkAt("x/f", root, "x/hard");
          return "made";
        });
        overAndOver(() => {
          root.unlinkFileAt("x/f");
          return "gone";
        });
        overAndOver(() => {
          root.setTimesAt("x", true, 0n, 0n);
          root.statAt("x/", true);
          return "done";
        });
      },
    );
    expect(readdirSync(join(outside, "x"))).toEqual(["f"]);
  }));

it("a file that is exchanged for a link to the outside leads nowhere", () =>
  inFolders(async (root, granted, outside) => {
    symlinkSync(join(outside, "f"), join(granted, "link"));
    const [f, link, away] = [join(granted, "f"), join(granted, "link"), join(granted, "away")];
    await whileExchanging(
      [
        [f, away],
        [link, f],
        [f, link],
        [away, f],
      ],
      () => {
        const seen = overAndOver(() => read(root, "f"), "inside");
        expect([...seen.keys()]).toContain("inside");
        expect([...seen.keys()]).not.toContain(secret);
        const sizes = overAndOver(() => String(root.statAt("f", true).size));
        expect([...sizes.keys()]).not.toContain(String(secret.length));
      },
    );
  }));

it("the directory above one that is moved out meanwhile is still the one inside", () =>
  inFolders(async (root, granted, outside) => {
    mkdirSync(join(granted, "m", "n"), { recursive: true });
    await whileExchanging(
      [
        [join(granted, "m"), join(outside, "m")],
        [join(outside, "m"), join(granted, "m")],
      ],
      () => {
        const seen = overAndOver(() => read(root, "m/n/../../f"));
        expect([...seen.keys()].toSorted()).toEqual(["inside", "no-entry"]);
      },
    );
  }));
