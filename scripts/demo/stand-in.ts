import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { ShopFolder } from "./folder.ts";

/**
 * Where no container can run, a server of this process answers for it: as a Service with an EndpointSlice, which
 * is how any process on the machine gets behind the gateway. It keeps orders for as long as it runs.
 */
export async function standIn(shop: ShopFolder): Promise<() => Promise<void>> {
  const kept = new Map<string, Record<string, unknown>[]>();
  const server = createServer((request, response) => void answer(request, response, kept));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(shop.path, "orders.yaml"), endpoints(port));
  rmSync(join(shop.path, "orders"), { recursive: true });
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  kept: Map<string, Record<string, unknown>[]>,
): Promise<void> {
  let text = "";
  for await (const piece of request) text += String(piece);
  const customer = String(request.headers["x-user"] ?? "");
  const orders = kept.get(customer) ?? [];
  const send = (status: number, value: unknown): void => {
    response.writeHead(status, { "content-type": "application/json", "x-internal-node": "stand-in" });
    response.end(JSON.stringify(value));
  };
  if (customer === "") return send(403, { error: "x-user is missing" });
  if (request.method !== "POST") return send(200, { customer, orders });
  const order = { id: orders.length + 1, customer, ...(JSON.parse(text) as Record<string, unknown>) };
  kept.set(customer, [...orders, order]);
  return send(201, order);
}

function endpoints(port: number): string {
  return `apiVersion: v1
kind: Service
metadata: { name: orders }
spec: { ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: orders-stand-in, labels: { kubernetes.io/service-name: orders } }
addressType: IPv4
ports: [{ name: http, port: ${port} }]
endpoints: [{ addresses: [127.0.0.1] }]
`;
}
