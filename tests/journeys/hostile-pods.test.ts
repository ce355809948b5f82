import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFakeEngine, FakeMachine } from "../../src/containers/index.ts";
import { BandstandError } from "../../src/foundation/errors/index.ts";
import { loggerTo } from "../../src/foundation/log/index.ts";
import { loadSite } from "../../src/gitops/site.ts";

/** What a pod's specification asks for, as YAML of one line each. */
const hostile: Record<string, string> = {
  "a privileged container":
    "containers: [{name: a, image: 'localhost/test/busybox:1', securityContext: {privileged: true}}]",
  "a privileged init container":
    "initContainers: [{name: i, image: 'localhost/test/busybox:1', securityContext: {privileged: true}}], containers: [{name: a, image: 'localhost/test/busybox:1'}]",
  "a folder of the host":
    "containers: [{name: a, image: 'localhost/test/busybox:1', volumeMounts: [{name: v, mountPath: /host}]}], volumes: [{name: v, hostPath: {path: /}}]",
  "the network of the host": "hostNetwork: true, containers: [{name: a, image: 'localhost/test/busybox:1'}]",
  "the processes of the host": "hostPID: true, containers: [{name: a, image: 'localhost/test/busybox:1'}]",
  "the memory of the host": "hostIPC: true, containers: [{name: a, image: 'localhost/test/busybox:1'}]",
  "a capability":
    "containers: [{name: a, image: 'localhost/test/busybox:1', securityContext: {capabilities: {add: [SYS_ADMIN]}}}]",
  "a capability in other letters":
    "containers: [{name: a, image: 'localhost/test/busybox:1', securityContext: {capabilities: {add: [cap_sys_admin]}}}]",
  "no seccomp":
    "containers: [{name: a, image: 'localhost/test/busybox:1', securityContext: {seccompProfile: {type: Unconfined}}}]",
  "an unmasked /proc":
    "containers: [{name: a, image: 'localhost/test/busybox:1', securityContext: {procMount: Unmasked}}]",
  "a sysctl of the host":
    "securityContext: {sysctls: [{name: kernel.core_pattern, value: '|/x'}]}, containers: [{name: a, image: 'localhost/test/busybox:1'}]",
  "a probe of another machine":
    "containers: [{name: a, image: 'localhost/test/busybox:1', livenessProbe: {httpGet: {host: 169.254.169.254, path: /, port: 80}}}]",
};

const kinds: Record<string, (spec: string) => string> = {
  Pod: (spec) => `{apiVersion: v1, kind: Pod, metadata: {name: bad, labels: {app: bad}}, spec: {${spec}}}`,
  Deployment: (spec) => workload("apps/v1", "Deployment", "selector: {matchLabels: {app: bad}}, ", spec),
  StatefulSet: (spec) =>
    workload("apps/v1", "StatefulSet", "serviceName: bad, selector: {matchLabels: {app: bad}}, ", spec),
  DaemonSet: (spec) => workload("apps/v1", "DaemonSet", "selector: {matchLabels: {app: bad}}, ", spec),
  Job: (spec) => workload("batch/v1", "Job", "", `restartPolicy: Never, ${spec}`),
};

function workload(apiVersion: string, kind: string, more: string, spec: string): string {
  return `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: bad}, spec: {${more}template: {metadata: {labels: {app: bad}}, spec: {${spec}}}}}`;
}

describe("a hostile pod", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "bandstand-hostile-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const cases = Object.entries(hostile).flatMap(([what, spec]) =>
    Object.keys(kinds).map((kind) => [what, kind, spec] as const),
  );

  test.each(cases)("that asks for %s as %s is an error, and never runs", async (_what, kind, spec) => {
    writeFileSync(join(folder, "site.yaml"), `${kinds[kind]!(spec)}\n`);
    const not = (): Promise<never> => Promise.reject(new BandstandError("build-failed", "nothing is built here"));
    const { plan, secrets, problems } = await loadSite(folder, { tools: { build: not, prepare: not }, builds: "run" });
    const errors = problems.filter(({ severity }) => severity === "error");
    expect(errors.map(({ code }) => code)).toContain("pod-security");
    // `up` does not start with errors; even if it did, nothing of it would run that leaves the baseline.
    const machine = new FakeMachine();
    const engine = createFakeEngine({ machine, logger: loggerTo(() => {}), drain: 0 });
    await engine.open();
    await engine.apply(plan.containers, secrets);
    const security = [...machine.pods.values()].flatMap(({ plan: made }) => made?.containers ?? []);
    expect(security.filter((one) => one.security.privileged || one.security.addCapabilities.length > 0)).toEqual([]);
    const text = JSON.stringify(plan.containers);
    expect(text).not.toMatch(
      /hostPath|hostNetwork|hostPID|hostIPC|SYS_ADMIN|core_pattern|Unmasked|Unconfined|"privileged":true/i,
    );
    await engine.close();
  });
});
