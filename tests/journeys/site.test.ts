import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { Workspace } from "./workspace.ts";
import { gateway, route, service } from "./sites.ts";

/** A site with one process behind it, and no component: what starts fastest. */
async function shop(workspace: Workspace, folder = "shop"): Promise<{ port: number }> {
  const { port: behind } = await workspace.backend("from behind\n");
  const port = await freePort();
  workspace.write(
    `${folder}/site.yaml`,
    `${gateway(port)}---\n${route("name: api, port: 80")}---\n${service("api", behind)}`,
  );
  return { port };
}

const text = async (url: string): Promise<string> => (await fetch(url)).text();

describe("up in the foreground", () => {
  test("serves, shows itself, and ends with its port closed", async () => {
    await using workspace = new Workspace();
    await shop(workspace);
    const up = workspace.start("up", "shop");
    const url = await up.ready();
    expect(await text(url)).toBe("from behind\n");
    await expect(workspace.stable(up.out)).toMatchFileSnapshot("golden/up.txt");

    const status = await workspace.run("status", "shop");
    expect({ code: status.code, err: status.err }).toEqual({ code: 0, err: "" });
    await expect(workspace.stable(status.out)).toMatchFileSnapshot("golden/status.txt");
    // The only site that runs needs no name.
    expect((await workspace.run("status")).out).toBe(status.out);
    const found = JSON.parse((await workspace.run("status", "shop", "--json")).out) as Record<string, unknown>;
    expect(found).toMatchObject({
      site: "shop",
      listeners: [{ address: url.replace("http://", ""), protocol: "HTTP", ready: true }],
      routes: [{ namespace: "default", name: "all", conditions: expect.any(Array) }],
      components: [],
      services: [{ namespace: "default", name: "api", ready: 1, total: 1 }],
      problems: [],
    });

    expect((await up.stop()).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    expect(await workspace.run("status", "shop")).toMatchObject({ code: 1, out: "" });
  });

  test.each(["SIGTERM", "SIGHUP"] as const)(
    "ends on %s as on Ctrl-C, and the request in flight is answered",
    async (signal) => {
      await using workspace = new Workspace();
      const slow = await workspace.slowBackend(400);
      const port = await freePort();
      workspace.write(
        "shop/site.yaml",
        `${gateway(port)}---\n${route("name: api, port: 80")}---\n${service("api", slow.port)}`,
      );
      const up = workspace.start("up", "shop");
      const url = await up.ready();
      const answer = text(url);
      await slow.asked;
      const ended = up.stop(signal);
      expect(await answer).toBe("slow\n");
      expect((await ended).code).toBe(0);
    },
  );

  test("an edit changes it, a broken one does not and says where, and the next good one does", async () => {
    await using workspace = new Workspace();
    await shop(workspace);
    const up = workspace.start("up", "shop");
    const url = await up.ready();
    const file = workspace.at("shop/site.yaml");
    const before = readFileSync(file, "utf8");
    const header =
      "[{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x-edit, value: one }] } }]";

    workspace.write("shop/site.yaml", before.replace("filters: []", `filters: ${header}`));
    await expect.poll(async () => (await fetch(url)).headers.get("x-edit")).toBe("one");

    workspace.write("shop/site.yaml", before.replace("filters: []", "filters: {"));
    const shown = async (): Promise<unknown> => {
      const { out } = await workspace.run("status", "shop", "--json");
      return (JSON.parse(out) as { problems: Record<string, unknown>[] }).problems.map(({ file: name, line }) => [
        name,
        line,
      ]);
    };
    await expect.poll(shown).toEqual([["site.yaml", expect.any(Number)]]);
    await expect.poll(() => up.err).toContain("the edit is not served; the site goes on as before");
    expect(up.err).toMatch(/site\.yaml:\d+:\d+/);
    expect((await fetch(url)).headers.get("x-edit")).toBe("one");

    workspace.write("shop/site.yaml", before);
    await expect.poll(async () => (await fetch(url)).headers.get("x-edit")).toBeNull();
    await expect.poll(shown).toEqual([]);
  });

  test("an address of another machine leaves its Gateway not programmed, and everything else is served", async () => {
    await using workspace = new Workspace();
    const { port } = await shop(workspace);
    const file = "shop/site.yaml";
    const before = readFileSync(workspace.at(file), "utf8");
    const wanting = (...values: string[]): string =>
      before.replace(
        "listeners:",
        `addresses: [${values.map((value) => `{ value: ${value} }`).join(", ")}]\n  listeners:`,
      );
    const other = gateway(await freePort())
      .replace("name: door", "name: far")
      .replace("listeners:", "addresses: [{ value: 203.0.113.7 }]\n  listeners:");
    workspace.write(file, `${wanting("203.0.113.8", "127.0.0.1")}---\n${other}`);
    const up = workspace.start("up", "shop");
    const url = await up.ready();
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await text(url)).toBe("from behind\n");
    interface Shown {
      gateways: {
        name: string;
        addresses: { value: string }[];
        conditions: { type: string; status: string; reason: string }[];
      }[];
      problems: { code: string; severity: string }[];
    }
    const status = async (): Promise<Shown> =>
      JSON.parse((await workspace.run("status", "shop", "--json")).out) as Shown;
    const notUsable = [
      { type: "Accepted", status: "True", reason: "Accepted" },
      { type: "Programmed", status: "False", reason: "AddressNotUsable" },
      { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs" },
    ];
    const warning = { code: "address-not-usable", severity: "warning" };
    expect(await status()).toMatchObject({
      gateways: [
        { name: "door", addresses: [{ value: "127.0.0.1" }], conditions: notUsable },
        { name: "far", addresses: [], conditions: notUsable },
      ],
      problems: [warning, warning],
    });

    workspace.write(file, wanting("127.0.0.1"));
    const programmed = async (): Promise<unknown> =>
      (await status()).gateways.map(({ conditions }) => conditions[1]?.reason);
    await expect.poll(programmed).toEqual(["Programmed"]);
    expect((await status()).problems).toEqual([]);
    expect(await text(url)).toBe("from behind\n");
  });

  test("--no-watch looks at nothing; --admin serves status and metrics, and only for its own name", async () => {
    await using workspace = new Workspace();
    await shop(workspace);
    const admin = `127.0.0.1:${await freePort()}`;
    const up = workspace.start("up", "shop", "--no-watch", "--admin", admin, "--access-log", "all");
    const url = await up.ready();
    const file = workspace.at("shop/site.yaml");
    workspace.write(
      "shop/site.yaml",
      readFileSync(file, "utf8").replace("name: api, port: 80", "name: gone, port: 80"),
    );
    expect(await text(`http://${admin}/metrics`)).toMatch(/^bandstand_\w+/m);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await text(url)).toBe("from behind\n");
    expect(up.err).not.toContain("the site is changed");
    await expect.poll(() => up.err).toMatch(/"path":|"target":|GET/);
    const asked = await workspace.raw(admin, "GET /status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    expect(asked).toMatch(/^HTTP\/1\.1 4\d\d/);
  });
});

describe("up in the background", () => {
  test("serves until down; the next one takes over, also in the foreground", async () => {
    await using workspace = new Workspace();
    await shop(workspace);
    const first = await workspace.run("up", "shop", "--detach");
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: "" });
    const url = /is ready: (\S+)/.exec(first.out)![1]!;
    try {
      expect(await text(url)).toBe("from behind\n");
      const second = await workspace.run("up", "shop", "--detach");
      expect(second.code, second.err).toBe(0);
      expect(await text(url)).toBe("from behind\n");

      // In the foreground too; then Ctrl-C ends it.
      const third = workspace.start("up", "shop");
      await third.ready();
      expect(await text(url)).toBe("from behind\n");
      expect((await third.stop()).code).toBe(0);
      await expect(fetch(url)).rejects.toThrow();

      expect((await workspace.run("up", "shop", "--detach")).code).toBe(0);
    } finally {
      const down = await workspace.run("down", "shop");
      expect({ code: down.code, out: down.out }).toEqual({ code: 0, out: "shop is down\n" });
    }
    await expect(fetch(url)).rejects.toThrow();
    // Once more does no harm.
    expect(await workspace.run("down", "shop")).toMatchObject({ code: 0, out: "shop is down\n" });
  });

  test("one that cannot start says why to who waits, and a broken folder takes nothing over", async () => {
    await using workspace = new Workspace();
    await shop(workspace);
    const first = await workspace.run("up", "shop", "--detach");
    const url = /is ready: (\S+)/.exec(first.out)![1]!;
    try {
      workspace.write("shop/more.yaml", "apiVersion: v1\nkind: Service\nmetadata: [\n");
      const second = await workspace.run("up", "shop", "--detach");
      expect(second.code).toBe(1);
      expect(second.err).toContain("more.yaml:");
      expect(second.err).toContain("[site-invalid]");
      expect(await text(url)).toBe("from behind\n");
    } finally {
      await workspace.run("down", "shop");
    }
  });

  test("one that was killed is followed by the next", async () => {
    await using workspace = new Workspace();
    await shop(workspace);
    const up = workspace.start("up", "shop");
    await up.ready();
    await up.stop("SIGKILL");
    const again = workspace.start("up", "shop");
    expect(await text(await again.ready())).toBe("from behind\n");
    expect((await again.stop()).code).toBe(0);
  });
});
