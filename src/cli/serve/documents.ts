import { isIP } from "node:net";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { ServeCall } from "../commands/serve.ts";

/** The site that a command line stands for, as the resources that a folder would hold. */
export function documentsFor(flags: ServeCall["flags"], listen: { host: string; port: number }): object[] {
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
      apiVersion: "bandstand.dev/v1alpha1",
      kind: "WasmComponent",
      metadata: { name: "component" },
      spec: {
        file: "component.wasm",
        isolation: flags.reuse ? "reuse" : "request",
        limits: { ...(memory && { memory }), ...(cpu && { cpu }), ...(wall && { wall }) },
        capabilities: { http: (flags.net ?? []).flatMap(originsOf) },
        config: Object.fromEntries([...(flags.env ?? []), ...(flags.config ?? [])].map(pair)),
      },
    },
  ];
}

/** `HOST:PORT`, `[::1]:PORT`. Throws `usage`. */
export function listenAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? (plain === "localhost" ? "127.0.0.1" : plain);
  if (host !== undefined && isIP(host) !== 0 && Number(port) <= 65_535) return { host, port: Number(port) };
  throw usage(`--listen: expected ADDRESS:PORT, got "${text}"`, "For example --listen 127.0.0.1:8080");
}

function originsOf(list: string): string[] {
  return list.split(",").flatMap((entry) => {
    const host = entry.trim().toLowerCase();
    if (!/^(?:\*\.)?[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?(?::\d{1,5})?$|^\[[0-9a-f:.]+\](?::\d{1,5})?$/.test(host)) {
      throw usage(
        `--net: expected HOST[:PORT] or *.HOST, got "${entry}"`,
        "For example --net api.example.com,10.0.0.7:9000",
      );
    }
    return [`http://${host}`, `https://${host}`];
  });
}

function pair(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw usage(`expected NAME=VALUE, got "${text}"`, "For example --config GREETING=hello");
}

function usage(message: string, remedy: string): BandstandError {
  return new BandstandError("usage", `serve: ${message}`, { remedy });
}
