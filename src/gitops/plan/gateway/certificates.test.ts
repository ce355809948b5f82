import { expect, test } from "vitest";
import { selfSigned } from "../../../foundation/certificates/index.ts";
import { resolvedFor, resourcesOf } from "../testing.ts";
import { plan } from "../index.ts";

const [good, other] = [selfSigned(["a.example"]), selfSigned(["a.example"])];

function planned(stringData: Record<string, string>, more = "", ref = "{ name: c }") {
  const resources = resourcesOf(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: g }
spec:
  gatewayClassName: any
  listeners: [{ name: l, port: 8443, protocol: HTTPS, tls: { certificateRefs: [${ref}] } }]
---
apiVersion: v1
kind: Secret
metadata: { name: c }
type: kubernetes.io/tls
stringData: ${JSON.stringify(stringData)}
${more}`);
  const { plan: got, secrets, problems } = plan(resources, resolvedFor(resources), { site: "s" });
  const [gateway] = got.conditions.gateways;
  const resolved = gateway?.listeners[0]?.conditions.find(({ type }) => type === "ResolvedRefs");
  return { listeners: got.gateway.listeners, secrets, problems, reason: resolved?.reason, message: resolved?.message };
}

test("a certificate and its key become pointers, and the listener is served", () => {
  const { listeners, secrets, reason, problems } = planned({ "tls.crt": good.certificate, "tls.key": good.key });
  expect(reason).toBe("ResolvedRefs");
  expect(problems).toEqual([]);
  expect(listeners[0]?.certificates?.map(({ certificate, key }) => [certificate.key, key.key])).toEqual([
    ["tls.crt", "tls.key"],
  ]);
  expect(Buffer.from(secrets.get("default/c/tls.key") ?? []).toString()).toBe(good.key);
  expect(JSON.stringify(listeners)).not.toContain("PRIVATE KEY");
});

test.each([
  ["no key", { "tls.crt": good.certificate }, "Secret default/c has no tls.key"],
  ["no certificate", { "tls.key": good.key }, "Secret default/c has no tls.crt"],
  ["another one's key", { "tls.crt": good.certificate, "tls.key": other.key }, "tls.key is the key of another"],
  ["no PEM", { "tls.crt": "Hello", "tls.key": good.key }, "tls.crt is no PEM certificate"],
  ["a key that is none", { "tls.crt": good.certificate, "tls.key": "Hello" }, "tls.key is no PEM private key"],
])("%s: the listener is not served, and says so", (_name, data, message) => {
  const { listeners, reason, message: got, problems } = planned(data);
  expect(listeners).toEqual([]);
  expect(reason).toBe("InvalidCertificateRef");
  expect(got).toContain(message);
  expect(problems.map(({ severity, code }) => [severity, code])).toEqual([["warning", "dangling-reference"]]);
});

test.each([
  ["{ name: absent }", "InvalidCertificateRef"],
  ["{ name: c, kind: ConfigMap }", "InvalidCertificateRef"],
  ["{ name: c, namespace: elsewhere }", "RefNotPermitted"],
])("a reference %s: %s", (ref, reason) => {
  const data = { "tls.crt": good.certificate, "tls.key": good.key };
  expect(planned(data, "", ref).reason).toBe(reason);
});
