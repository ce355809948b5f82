import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { whyNot } from "../testing.ts";
import { diagnosePodman } from "./diagnose.ts";
import type { PodmanFinding } from "./finding.ts";
import { thisMachine } from "./machine.ts";
import type { PodmanMachine } from "./machine.ts";

interface Given {
  user?: PodmanMachine["user"];
  environment?: Record<string, string>;
  version?: Partial<{ code: number | undefined; stdout: string; stderr: string }>;
  info?: { host?: object; store?: object } | { fails: string };
  missing?: string[];
  files?: Record<string, string>;
  readOnly?: string[];
  free?: number;
  reach?: Awaited<ReturnType<PodmanMachine["reach"]>>;
}

const graphRoot = "/var/lib/containers/storage";
const ada = { id: 1000, name: "ada" };
/** A user's machine on which all is well. */
const home: Given = {
  user: ada,
  environment: { XDG_RUNTIME_DIR: "/run/user/1000" },
  info: { host: { cgroupVersion: "v2" } },
  files: { "/etc/subuid": "ada:100000:65536\n", "/etc/subgid": "1000:100000:65536\n" },
};

/** A machine on which all is well but for what is given. */
function machine({
  user = { id: 0, name: "root" },
  files = {},
  readOnly = [],
  free = 1e12,
  ...given
}: Given): PodmanMachine {
  const { missing = [], version = {}, info = {}, reach = { version: "4.3.1" } } = given;
  const host = {
    cgroupManager: "cgroupfs",
    cgroupVersion: "v1",
    networkBackend: "netavark",
    ociRuntime: { name: "runc" },
  };
  return {
    user,
    environment: given.environment ?? {},
    async run(_program, [first]) {
      if (first === "--version") return { code: 0, stdout: "podman version 4.3.1\n", stderr: "", ...version };
      if ("fails" in info) return { code: 125, stdout: "", stderr: info.fails };
      const store = { graphRoot, graphDriverName: "overlay", ...info.store };
      return { code: 0, stdout: JSON.stringify({ host: { ...host, ...info.host }, store }), stderr: "" };
    },
    hasProgram: (program) => !missing.includes(program),
    text: (path) => files[path],
    canWrite: (folder) => !readOnly.includes(folder) && folder !== "/run/systemd/system",
    free: async () => free,
    reach: async () => reach,
  };
}

const cases: Record<string, Given> = {
  "all is well for root": {},
  "all is well for a user": home,
  "not installed": { version: { code: undefined, stderr: "ENOENT" } },
  "not executable": { version: { code: undefined, stderr: "EACCES" } },
  crashes: { version: { code: 139, stdout: "" } },
  "configuration broken": {
    version: { code: 125, stdout: "", stderr: "decode configuration /etc/containers/containers.conf: toml: line 2" },
  },
  "too old": { version: { stdout: "podman version 3.4.4\n" } },
  "too old by its last number": { version: { stdout: "podman version 4.3.0\n" } },
  newer: { version: { stdout: "podman version 5.10.0-rc1\n" } },
  "something else of that name": { version: { stdout: "hello\n" } },
  "no runtime": { missing: ["runc", "crun"] },
  "crun alone is enough": { missing: ["runc"] },
  "no network programs": { missing: ["netavark", "aardvark-dns", "iptables-restore"] },
  "no names": { missing: ["aardvark-dns"] },
  "no conmon, no catatonit": { missing: ["conmon", "catatonit"] },
  "no subordinate users": { ...home, files: {} },
  "too few subordinate groups": { ...home, files: { ...home.files, "/etc/subgid": "ada:1000:10\n" } },
  "no uidmap": { ...home, missing: ["newuidmap", "newgidmap", "slirp4netns", "pasta"] },
  "no user namespaces": { ...home, files: { ...home.files, "/proc/sys/user/max_user_namespaces": "0\n" } },
  "user namespaces kept by AppArmor": {
    ...home,
    files: { ...home.files, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n" },
  },
  "no runtime folder": { ...home, environment: {} },
  "runtime folder of somebody else": { ...home, readOnly: ["/run/user/1000"] },
  "old cgroups without root": { ...home, info: { host: { cgroupVersion: "v1" } } },
  "old network": { info: { host: { networkBackend: "cni" } } },
  "systemd asked where there is none": { info: { host: { cgroupManager: "systemd" } } },
  "systemd asked where it runs": {
    info: { host: { cgroupManager: "systemd" } },
    files: { "/proc/1/comm": "systemd\n" },
  },
  "store not writable": { readOnly: [graphRoot] },
  "store full": { free: 20 * 1024 ** 2 },
  "store of copies": { info: { store: { graphDriverName: "vfs" } } },
  "info says nothing": { info: { fails: "" } },
  "info without a runtime": { info: { fails: 'Error: default OCI runtime "crun" not found: invalid argument' } },
  "info on a read-only disk": { info: { fails: "Error: mkdir /var/lib/containers: read-only file system" } },
  "info on a full disk": { info: { fails: "Error: write /var/lib/containers/x: no space left on device" } },
  "info with another driver": { info: { fails: "Error: database graph driver mismatch: overlay and vfs" } },
  "service does not start": {
    reach: { error: "`podman system service` ended with 125: Error: unable to connect to dbus" },
  },
  "service does not start, nobody knows why": { reach: { error: "`podman system service` does not answer: " } },
  "CONTAINER_HOST where nobody answers": {
    environment: { CONTAINER_HOST: "unix:///run/x.sock" },
    reach: { error: "no Podman answers on /run/x.sock, which CONTAINER_HOST names" },
  },
  "CONTAINER_HOST with an old Podman": {
    environment: { CONTAINER_HOST: "unix:///run/x.sock" },
    reach: { version: "4.2.0" },
  },
};

describe("what Podman needs", () => {
  test.each(Object.entries(cases))("%s", async (name, given) => {
    const findings = await diagnosePodman(machine(given));
    expect(findings.length).toBeGreaterThan(0);
    // Whatever is not well says what to do.
    expect(findings.filter(({ ok, fix }) => ok === (fix !== undefined))).toEqual([]);
    await expect(textOf(findings)).toMatchFileSnapshot(`golden/${name.replaceAll(/[^a-z_]+/gi, "-")}.txt`);
  });

  test("is one finding where one thing is missing", async () => {
    for (const name of [
      "not installed",
      "too old",
      "no runtime",
      "store full",
      "old network",
      "no subordinate users",
    ]) {
      const bad = (await diagnosePodman(machine(cases[name]!))).filter(({ ok }) => !ok);
      expect(bad, name).toHaveLength(1);
    }
  });
});

describe.skipIf(whyNot() !== undefined)(`what Podman needs, on this machine ${whyNot() ?? ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-diagnose-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const bad = async (changed: Record<string, string>) =>
    (await diagnosePodman(thisMachine({ ...environment, ...changed }))).filter(({ ok }) => !ok);

  test("is there", async () => expect(await bad({})).toEqual([]));

  test("is found missing", async () => {
    const [finding, ...rest] = await bad({ PATH: folder });
    expect(rest).toEqual([]);
    expect(finding?.fix).toContain("apt-get install -y podman");
  });

  test("is found too old", async () => {
    chmodSync(file("podman", "#!/bin/sh\necho podman version 4.2.0\n"), 0o755);
    const [finding, ...rest] = await bad({ PATH: `${folder}:${environment.PATH}` });
    rmSync(join(folder, "podman"));
    expect(rest).toEqual([]);
    expect(finding?.message).toContain("too old");
  });

  test.each([
    ["another runtime", { CONTAINERS_CONF: '[engine]\nruntime = "nope"\n' }, "apt-get install -y runc"],
    ["a broken file", { CONTAINERS_CONF: "[engine\n" }, "Correct the file"],
    ["systemd", { CONTAINERS_CONF: '[engine]\ncgroup_manager = "systemd"\n' }, "cgroupfs"],
    ["no helpers", { CONTAINERS_CONF: '[engine]\nhelper_binaries_dir = ["/nope"]\n' }, "helper_binaries_dir"],
    [
      "a store nowhere",
      { CONTAINERS_STORAGE_CONF: '[storage]\ndriver = "overlay"\ngraphroot = "/proc/nope"\n' },
      "storage.conf",
    ],
    [
      "a driver that cannot be",
      { CONTAINERS_STORAGE_CONF: '[storage]\ndriver = "btrfs"\ngraphroot = "/tmp"\n' },
      "storage.conf",
    ],
  ])("is found set up for %s", async (name, texts, fix) => {
    // Where systemd runs, asking it is right.
    if (name === "systemd" && thisMachine().text("/proc/1/comm")?.trim() === "systemd") return;
    const files = Object.entries(texts).map(([key, text]) => [key, file(key, text)] as const);
    const findings = await bad(Object.fromEntries(files));
    expect(findings.map((finding) => finding.fix).join("\n")).toContain(fix);
  });

  test.each(["unix:///nope.sock", "ssh://nobody@nowhere"])("is not found at %s", async (CONTAINER_HOST) => {
    const findings = await bad({ CONTAINER_HOST });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.fix).toContain("CONTAINER_HOST");
  });
});

function textOf(findings: PodmanFinding[]): string {
  const rows = findings.map(({ subject, ok, message, fix }) => [
    `${ok ? "ok  " : "BAD "}${subject}: ${message}`,
    ...(fix?.split("\n").map((line) => `      ${line}`) ?? []),
  ]);
  return `${rows.flat().join("\n")}\n`;
}
