import { isIP } from "node:net";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { ServeCall } from "../commands/serve.ts";
import { authoritiesAt, netEntries } from "../network/flags.ts";
import { expectedAddress, hostAndPort } from "../program/host-and-port.ts";

/** The site that a command line stands for, as the resources that a folder would hold. */
export function documentsFor(
  flags: ServeCall["flags"],
  listen: { host: string; port: number },
  stores: readonly string[],
  cwd: string,
): object[] {
  const authorities = authoritiesAt("serve", flags.ca, cwd);
  const { memory, cpu, wall } = flags;
  return [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "serve" },
      spec: {
        gatewayClassName: "bandstand",
        addresses: [{ type: "IPAddress", value: listen.host }],
        // The port is chosen when it is bound: 0 is none that a Gateway may name.
        listeners: [{ name: "http", protocol: "HTTP", port: listen.port || 1 }],
      },
    },
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "serve" },
      spec: {
        parentRefs: [{ name: "serve" }],
        rules: [{ backendRefs: [{ group: "bandstand.dev", kind: "WasmComponent", name: "component" }] }],
      },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "authorities" },
      data: { "ca.crt": authorities.join("") },
    },
    {
      apiVersion: "bandstand.dev/v1alpha1",
      kind: "WasmComponent",
      metadata: { name: "component" },
      spec: {
        file: "component.wasm",
        isolation: flags.reuse ? "reuse" : "request",
        limits: { ...(memory && { memory }), ...(cpu && { cpu }), ...(wall && { wall }) },
        capabilities: { http: netEntries("serve", flags.net), keyValue: stores },
        ...(authorities.length > 0 && { tls: { caCertificateRefs: [{ name: "authorities" }] } }),
        config: Object.fromEntries([...pairs("--env", flags.env), ...pairs("--config", flags.config)]),
      },
    },
  ];
}

/** `ADDRESS:PORT`, `[::1]:PORT`, `localhost:PORT`. Throws `usage`. */
export function listenAddress(text: string): { host: string; port: number } {
  const { host: named, port } = hostAndPort(text) ?? { host: "", port: 0 };
  const host = named === "localhost" ? "127.0.0.1" : named;
  if (isIP(host) !== 0 && port <= 65_535) return { host, port };
  throw usage(`--listen: ${expectedAddress("ADDRESS:PORT", text)}`, "For example --listen 127.0.0.1:8080");
}

function pairs(flag: string, texts: readonly string[] = []): [string, string][] {
  return texts.map((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    throw usage(`${flag}: expected NAME=VALUE, got "${text}"`, `For example ${flag} GREETING=hello`);
  });
}

function usage(message: string, remedy: string): BandstandError {
  return new BandstandError("usage", `serve: ${message}`, { remedy });
}
