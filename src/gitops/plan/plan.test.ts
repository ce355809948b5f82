import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../model/kinds/types.ts";
import { plan } from "./index.ts";
import { resolvedFor, resourcesOf } from "./testing.ts";

const folder = join(import.meta.dirname, "golden");
const texts = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
const resources = texts.flatMap((name) => inNamespaceOf(name, resourcesOf(readFileSync(join(folder, name), "utf8"))));
const resolved = resolvedFor(resources);

/** All intents in one site: what stood in `default` stands in a namespace of its own. */
function inNamespaceOf(file: string, list: Resource[]): Resource[] {
  const text = JSON.stringify(list).replaceAll('"namespace":"default"', `"namespace":"${file.split(".")[0]}"`);
  return JSON.parse(text) as Resource[];
}

describe("a plan", () => {
  test("is the same for the same resources in any order", () => {
    const expected = plan(resources, resolved, { site: "s" });
    fc.assert(
      fc.property(fc.shuffledSubarray(resources, { minLength: resources.length }), (shuffled) => {
        const { plan: got, secrets, problems } = plan(shuffled, resolved, { site: "s" });
        expect(JSON.stringify(got)).toBe(JSON.stringify(expected.plan));
        expect([...secrets]).toEqual([...expected.secrets]);
        expect(JSON.stringify(problems)).toBe(JSON.stringify(expected.problems));
      }),
      { numRuns: 25 },
    );
  });

  test("of any part of the resources is plain data that survives JSON, and changes nothing it was given", () => {
    fc.assert(
      fc.property(fc.subarray(resources), (part) => {
        const before = JSON.stringify(part);
        const { plan: got } = plan(part, resolved, { site: "s" });
        expect(JSON.parse(JSON.stringify(got))).toStrictEqual(got);
        expect(JSON.stringify(part)).toBe(before);
        expect(new Set(got.containers.pods.map(({ name }) => name)).size).toBe(got.containers.pods.length);
      }),
      { numRuns: 50 },
    );
  });

  test("holds no secret value, wherever a secret is used", () => {
    const value = fc.stringMatching(/^[a-zA-Z0-9+/=!?-]{12,40}$/);
    fc.assert(
      fc.property(value, fc.constantFrom("env", "envFrom", "args", "text", "file", "config"), (secret, use) => {
        const {
          plan: got,
          secrets,
          problems,
        } = plan(
          usingSecret(secret, use),
          { components: new Map([["default/c", { digest: "sha256:0" }]]), builds: new Map() },
          { site: "s" },
        );
        const text = JSON.stringify([got, problems, [...secrets.keys()]]);
        expect(text).not.toContain(secret);
        expect(text).not.toContain(Buffer.from(secret).toString("base64"));
        expect([...secrets.values()].some((bytes) => Buffer.from(bytes).toString().includes(secret))).toBe(true);
      }),
    );
  });

  test("tells a changed secret by hashes alone, and changes nothing else", () => {
    const [a, b] = ["first-value-1", "second-value-2"].map(
      (secret) => plan(usingSecret(secret, "text"), resolved, { site: "s" }).plan,
    );
    expect(a?.containers.pods[0]?.hash).not.toBe(b?.containers.pods[0]?.hash);
    const same = plan(usingSecret("first-value-1", "text"), resolved, { site: "s" }).plan;
    expect(same).toEqual(a);
  });
});

describe("a pod's hash", () => {
  test("changes with a rebuilt image", () => {
    const [a, b] = ["1", "2"].map((hash) => {
      const builds = new Map([["Pod/default/p", { image: "localhost/p", context: "/site/p", hash }]]);
      return plan(usingSecret("irrelevant-value", "env"), { components: new Map(), builds }, { site: "s" }).plan
        .containers.pods[0];
    });
    expect(a?.hash).not.toBe(b?.hash);
  });

  test("stays when replicas, other workloads or services change", () => {
    const pods = (replicas: number) =>
      plan(resourcesOf(deployment(replicas)), resolved, { site: "s" }).plan.containers.pods.map(({ name, hash }) => [
        name,
        hash,
      ]);
    expect(pods(3).slice(0, 2)).toEqual(pods(2));
  });
});

describe("privileged pods", () => {
  const text = `
apiVersion: v1
kind: Pod
metadata: { name: p, namespace: trusted }
spec:
  containers:
    - { name: c, image: "example.com/c:1", securityContext: { privileged: true, capabilities: { add: [SYS_ADMIN] } } }
`;

  test("are planned only in namespaces that the operator names", () => {
    const found = (allowPrivileged: string[]) => plan(resourcesOf(text), resolved, { site: "s", allowPrivileged });
    expect(found(["other"]).plan.containers.pods).toEqual([]);
    expect(found(["other"]).problems.map(({ code, severity }) => [code, severity])).toEqual([
      ["pod-security", "error"],
    ]);
    expect(found(["trusted"]).plan.containers.pods[0]?.containers[0]?.security.privileged).toBe(true);
  });
});

describe("addresses", () => {
  const planned = (addresses: string[], absent: string[]) => {
    const values = addresses.map((value) =>
      value.includes(".") ? `{ value: ${value} }` : `{ type: Hostname, value: ${value} }`,
    );
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec:
  gatewayClassName: bandstand
  addresses: [${values.join(", ")}]
  listeners: [{ name: http, port: 8080, protocol: HTTP }]
`;
    const { plan: found } = plan(resourcesOf(text), resolved, { site: "s", absentAddresses: new Set(absent) });
    const [gateway] = found.conditions.gateways;
    return {
      bound: found.gateway.listeners.map(({ address }) => address),
      gateway: gateway?.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`),
      listener: gateway?.listeners[0]?.conditions.find(({ type }) => type === "Programmed"),
    };
  };

  test("of a type that is not supported are not accepted; ones that are not here are not programmed", () => {
    expect(planned(["elsewhere", "203.0.113.7", "10.0.0.1"], ["203.0.113.7"])).toMatchObject({
      bound: ["10.0.0.1"],
      gateway: [
        "Accepted=False UnsupportedAddress",
        "Programmed=False AddressNotUsable",
        "ResolvedRefs=True ResolvedRefs",
      ],
    });
    expect(planned(["203.0.113.7", "10.0.0.1"], ["203.0.113.7"])).toMatchObject({
      bound: ["10.0.0.1"],
      gateway: ["Accepted=True Accepted", "Programmed=False AddressNotUsable", "ResolvedRefs=True ResolvedRefs"],
      listener: { status: "True" },
    });
    expect(planned(["10.0.0.1"], ["203.0.113.7"])).toMatchObject({
      bound: ["10.0.0.1"],
      gateway: ["Accepted=True Accepted", "Programmed=True Programmed", "ResolvedRefs=True ResolvedRefs"],
    });
    expect(planned(["203.0.113.7"], ["203.0.113.7"])).toMatchObject({
      bound: [],
      gateway: ["Accepted=True Accepted", "Programmed=False AddressNotUsable", "ResolvedRefs=True ResolvedRefs"],
      listener: { status: "False", reason: "Invalid", message: "203.0.113.7: no address of this machine" },
    });
  });
});

function deployment(replicas: number): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: d }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: d } }
  template: { metadata: { labels: { app: d } }, spec: { containers: [{ name: c, image: "localhost/p" }] } }
`;
}

function usingSecret(value: string, use: string): Resource[] {
  const reference = "{ name: s, key: k }";
  const uses: Record<string, string> = {
    env: `env: [{ name: A, valueFrom: { secretKeyRef: ${reference} } }]`,
    envFrom: "envFrom: [{ secretRef: { name: s } }]",
    args: `env: [{ name: A, valueFrom: { secretKeyRef: ${reference} } }], args: ["--a=$(A)", $(A)]`,
    text: `env: [{ name: A, valueFrom: { secretKeyRef: ${reference} } }, { name: B, value: "x$(A)y$(A)" }]`,
    file: "volumeMounts: [{ name: v, mountPath: /v }]",
    config: "",
  };
  return resourcesOf(`
apiVersion: v1
kind: Secret
metadata: { name: s }
stringData: { k: ${JSON.stringify(value)} }
---
apiVersion: bandstand.dev/v1alpha1
kind: WasmComponent
metadata: { name: c }
spec: { file: ./c.wasm, ${use === "config" ? "configFrom: [{ secretRef: { name: s } }]" : ""} }
---
apiVersion: v1
kind: Pod
metadata: { name: p }
spec:
  containers: [{ name: c, image: "localhost/p", ${uses[use]} }]
  volumes: [{ name: v, ${use === "file" ? "secret: { secretName: s }" : "emptyDir: {}"} }]
`);
}
