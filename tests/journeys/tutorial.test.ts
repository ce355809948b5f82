import { spawn } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { root, Workspace } from "./workspace.ts";

/** The shell blocks of the README's tutorial, in order. */
function tutorial(): string[] {
  const text = readFileSync(join(root, "README.md"), "utf8");
  const part = text.slice(text.indexOf("## Ten minutes"), text.indexOf("## The words"));
  return [...part.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
}

test("the README's tutorial does what it says, word for word", async () => {
  await using workspace = new Workspace();
  symlinkSync(join(root, "bin"), workspace.at("bin"));
  const port = await freePort();
  /** Runs a block as it stands, but for the port. */
  const shell = (block: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const text = block.replaceAll("8081", String(port));
      const child = spawn("bash", ["--norc", "-euc", text], {
        cwd: workspace.path,
        env: workspace.environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (output += String(piece)));
      child.once("close", (code) =>
        code === 0 ? resolve(output) : reject(new Error(`${text}\n→ ${code}\n${output}`)),
      );
    });

  const blocks = tutorial();
  expect(blocks.length).toBe(7);
  const [component, site, up, ask, edit, broken, look] = blocks as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  await shell(component);
  expect(await shell(site)).toBe("hello: no problems\n");
  expect(up).toBe("bin/bandstand up hello --build\n");
  const running = workspace.start("up", "hello", "--build");
  await running.ready();
  expect(await shell(ask)).toContain("Hello from Wasm");

  // The README says how long a build takes at most; a busy machine takes longer.
  const [change = "", again = ""] = edit.split("\n");
  await shell(change);
  await expect.poll(() => shell(again.replace(/sleep \d+; /, ""))).toContain("Hello from the edge");

  const said = await shell(broken);
  expect(said).toContain('site.yaml:6:51: error: spec.listeners[0].port: expected a number, got "eighty" [schema]');
  expect(said).toContain("Hello from the edge");
  const shown = await shell(look);
  expect(shown).toContain("default/greeter");
  expect(shown).toContain("hello is down");
  expect((await running.ended).code).toBe(0);
});
