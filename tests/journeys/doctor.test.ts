import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { gateway, route, service } from "./sites.ts";
import { freePort, Workspace } from "./workspace.ts";

interface Finding {
  subject: string;
  state: string;
  message: string;
  fix?: string;
}

/** What doctor says of the places where a site listens. */
async function places(workspace: Workspace, folder: string): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, out } = await workspace.run("doctor", folder, "--json");
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  return { code, findings: findings.filter(({ subject }) => /^(?:port|addresses)/.test(subject)) };
}

test("doctor knows a port that the site itself serves from one of another site or process", async () => {
  await using workspace = new Workspace();
  const port = await freePort();
  const site = `${gateway(port)}---\n${route("name: api, port: 80")}---\n${service("api", 1)}`;
  workspace.write("shop/site.yaml", site);
  workspace.write("copy/site.yaml", site);
  expect(await places(workspace, "shop")).toEqual({
    code: 0,
    findings: [{ subject: `port 127.0.0.1:${port}`, state: "ok", message: "free" }],
  });

  const up = workspace.start("up", "shop");
  await up.ready();
  const message = expect.stringMatching(/^served by this site, which is up \(process \d+\)$/);
  expect(await places(workspace, "shop")).toMatchObject({ code: 0, findings: [{ state: "ok", message }] });
  expect(await places(workspace, "copy")).toMatchObject({
    code: 3,
    findings: [
      {
        state: "problem",
        message: expect.stringMatching(/^used by site shop, which is up/),
        fix: `Change the listener's port, or stop that site: bandstand down ${workspace.at("shop")}`,
      },
    ],
  });
  await up.stop();

  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  workspace.write("shop/site.yaml", site.replace(String(port), String((other.address() as AddressInfo).port)));
  const taken = await places(workspace, "shop");
  other.close();
  expect(taken).toMatchObject({ code: 3, findings: [{ state: "problem", message: "used by another process" }] });
});

test("an address of another machine keeps doctor from nothing else, since up serves the rest", async () => {
  await using workspace = new Workspace();
  const port = await freePort();
  const addresses = "  addresses: [{ value: 203.0.113.7 }, { value: 127.0.0.1 }]\n  listeners";
  workspace.write("shop/site.yaml", gateway(port).replace("  listeners", addresses));
  expect(await places(workspace, "shop")).toMatchObject({
    code: 0,
    findings: [
      { subject: "addresses", state: "missing", message: expect.stringContaining("203.0.113.7") },
      { subject: `port 127.0.0.1:${port}`, state: "ok" },
    ],
  });
});
