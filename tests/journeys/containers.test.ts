import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNot } from "../../src/containers/podman/testing.ts";
import { gateway, route } from "./sites.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { Workspace } from "./workspace.ts";

const reason = whyNot();
const patience = 120_000;

/** A pod whose image is one static program, built from its folder without any registry. */
function workloads(image: string): string {
  return `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8000 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, annotations: { bandstand.dev/build: ./box } }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: ${image}
          command: [sh, -c, "echo ready to serve; exec httpd -f -p 8000 -h /data"]
          volumeMounts: [{ name: data, mountPath: /data }]
          readinessProbe: { tcpSocket: { port: 8000 }, periodSeconds: 1 }
      volumes: [{ name: data, persistentVolumeClaim: { claimName: web } }]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: web }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
`;
}

describe.skipIf(reason !== undefined)(`a site with containers ${reason ?? ""}`, () => {
  let workspace: Workspace;
  const site = `journey-${randomBytes(3).toString("hex")}`;
  const image = `localhost/${site}/box:1`;

  beforeAll(async () => {
    workspace = new Workspace();
    const port = await freePort();
    workspace.write(`${site}/site.yaml`, `${gateway(port)}---\n${route("name: web, port: 80")}`);
    workspace.write(`${site}/web.yaml`, workloads(image));
    workspace.write(
      `${site}/box/Containerfile`,
      'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\nENV PATH=/bin\n',
    );
    copyFileSync("/bin/busybox", workspace.at(site, "box/busybox"));
  });

  afterAll(async () => {
    await workspace.run("down", site, "--volumes");
    await workspace[Symbol.asyncDispose]();
  }, patience);

  /** Names of what Podman has of this site. */
  const left = (...list: string[]): string[] =>
    spawnSync("podman", list, { encoding: "utf8" })
      .stdout.split("\n")
      .filter((name) => name.includes(site));
  const containers = (): string[] => left("ps", "--all", "--format", "{{.ID}} {{.Names}}");
  const volumes = (): string[] => left("volume", "ls", "--format", "{{.Name}}");

  test(
    "is served, adopted after a kill, shown, stopped, and removed with its data",
    { timeout: patience },
    async () => {
      let up = workspace.start("up", site, "--build");
      let url = await up.ready();
      const name = containers()
        .map((line) => line.split(" ")[1]!)
        .find((each) => each.endsWith("-web"))!;
      const page = spawnSync("podman", ["exec", name, "sh", "-c", "echo kept > /data/index.html"]);
      expect(String(page.stderr)).toBe("");
      expect(await (await fetch(url)).text()).toBe("kept\n");
      expect((await workspace.run("logs", "web", "--dir", site)).out).toContain("ready to serve");
      const status = JSON.parse((await workspace.run("status", site, "--json")).out) as Record<string, unknown>;
      expect(status).toMatchObject({
        services: [{ name: "web", ready: 1, total: 1 }],
        workloads: [{ kind: "Deployment", name: "web", ready: 1, total: 1 }],
      });

      const before = containers();
      await up.stop("SIGKILL");
      expect(containers()).toEqual(before);
      up = workspace.start("up", site);
      url = await up.ready();
      expect(containers()).toEqual(before);
      expect(await (await fetch(url)).text()).toBe("kept\n");

      expect((await up.stop()).code).toBe(0);
      expect(containers()).toEqual([]);
      expect(volumes().length).toBe(1);
      const down = await workspace.run("down", site);
      expect(down.out).toBe(`${site} is down; its data stays (--volumes removes it)\n`);
      expect(volumes().length).toBe(1);
      up = workspace.start("up", site);
      expect(await (await fetch(await up.ready())).text()).toBe("kept\n");

      // Down of what runs stops it, and takes the data along where that is asked for.
      expect(await workspace.run("down", site, "--volumes")).toMatchObject({ code: 0, out: `${site} is down\n` });
      expect((await up.ended).code).toBe(0);
      expect([...containers(), ...volumes(), ...left("network", "ls", "--format", "{{.Name}}")]).toEqual([]);
      expect(left("images", "--format", "{{.Repository}}")).toEqual([]);
    },
  );

  test("one that crashes again and again is a problem that shows its last line", { timeout: patience }, async () => {
    workspace.write(
      `${site}/web.yaml`,
      workloads(image).replace("echo ready to serve; exec httpd", "echo no such data; exit 3; httpd"),
    );
    const up = workspace.start("up", site, "--build");
    const found = async (): Promise<string> => {
      const { out } = await workspace.run("status", site, "--json");
      const { problems = [] } = (out === "" ? {} : JSON.parse(out)) as {
        problems?: { message: string; resource?: string }[];
      };
      return problems.map(({ message, resource }) => `${resource} ${message}`).join("\n");
    };
    await expect.poll(found, { timeout: 60_000, interval: 500 }).toMatch(/Deployment\/default\/web .*no such data/);
    expect((await up.stop()).code).toBe(0);
  });
});
