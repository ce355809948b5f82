import { chmodSync, mkdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { gateway, route, service } from "./sites.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { Workspace } from "./workspace.ts";

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

test("doctor says whether state and cache can be kept where they belong", async () => {
  await using workspace = new Workspace();
  workspace.write("taken", "");
  const folders = async (environment: NodeJS.ProcessEnv): Promise<Finding[]> => {
    const { out } = await workspace.runWith(environment, "doctor", "--json");
    const { findings } = JSON.parse(out) as { findings: Finding[] };
    return findings.filter(({ subject }) => subject.endsWith(" folder"));
  };
  const prepared = workspace.at("cache/bandstand/prepared");
  expect(await folders({ XDG_CACHE_HOME: workspace.at("cache") })).toEqual([
    { subject: "state folder", state: "ok", message: `${workspace.at("state")} (made when it is needed)` },
    { subject: "cache folder", state: "ok", message: `${prepared} (made when it is needed)` },
  ]);
  const under = workspace.at("taken/bandstand/prepared");
  expect(await folders({ BANDSTAND_STATE: workspace.at("taken"), XDG_CACHE_HOME: workspace.at("taken") })).toEqual([
    {
      subject: "state folder",
      state: "problem",
      message: `${workspace.at("taken")} is no folder`,
      fix: "Choose a folder of your own: export BANDSTAND_STATE=DIR",
    },
    {
      subject: "cache folder",
      state: "missing",
      message: `${under} is not there: a part of the path is a file; run and serve keep nothing without it`,
      fix: "Choose a folder of your own: export XDG_CACHE_HOME=DIR",
    },
  ]);
  mkdirSync(prepared, { recursive: true });
  chmodSync(prepared, 0o755);
  expect((await folders({ XDG_CACHE_HOME: workspace.at("cache") }))[1]).toMatchObject({
    message: `${prepared} has mode 755, expected 700; run and serve keep nothing without it`,
    fix: `chmod 700 ${prepared}`,
  });
});
