import { expect, test } from "vitest";
import type { GatewayState } from "../../gateway/gateway.ts";
import { plan } from "../../gitops/plan/index.ts";
import { resolvedFor, resourcesOf } from "../../gitops/plan/testing.ts";
import { gatewayStatus, listenerSetStatus } from "./conditions.ts";

const resources = resourcesOf(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: any
  addresses: [{ value: 127.0.0.2 }, { value: 127.0.0.3 }, { value: 203.0.113.9 }]
  allowedListeners: { namespaces: { from: Same } }
  listeners: [{ name: http, port: 8080, protocol: HTTP }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge-too }
spec: { gatewayClassName: any, listeners: [{ name: http, port: 8081, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: more }
spec: { parentRef: { name: edge }, listeners: [{ name: http, port: 8082, protocol: HTTP }] }
`);
const options = { site: "s", absentAddresses: new Set(["203.0.113.9"]) };
const { conditions, gateway } = plan(resources, resolvedFor(resources), options).plan;

/** Sockets of these addresses are open. */
function stateOf(...open: string[]): GatewayState {
  const listeners = gateway.listeners.map(({ id, address, port, protocol }) => {
    return { id, address, port, protocol, ready: open.includes(`${address}:${port}`) };
  });
  return { listeners, components: [], workers: [] } as never;
}

const programmed = (status: { conditions: { type: string; status: string; reason: string }[] } | undefined) =>
  status?.conditions.filter(({ type }) => type === "Programmed").map(({ reason }) => reason);

test("the addresses of a Gateway are those that it listens on now", () => {
  const addresses = (...open: string[]) =>
    gatewayStatus(conditions, stateOf(...open)).map((each) => each.addresses.map(({ value }) => value));
  expect(addresses("127.0.0.2:8080", "127.0.0.3:8080", "127.0.0.1:8081")).toEqual([
    ["127.0.0.2", "127.0.0.3"],
    ["127.0.0.1"],
  ]);
  expect(addresses("127.0.0.3:8080")).toEqual([["127.0.0.3"], []]);
  // Of a ListenerSet they are its Gateway's.
  expect(addresses("127.0.0.2:8082")).toEqual([["127.0.0.2"], []]);
});

test("a ListenerSet is pending until its sockets are open", () => {
  expect(programmed(listenerSetStatus(conditions, stateOf("127.0.0.2:8080"))[0])).toEqual(["Pending"]);
  expect(programmed(listenerSetStatus(conditions, stateOf("127.0.0.2:8082"))[0])).toEqual(["Programmed"]);
});
