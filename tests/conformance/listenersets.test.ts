import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const words = (conditions: { type: string; status: string; reason: string }[] | undefined) =>
  conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
const setOf = (name: string) => site.planned.plan.conditions.listenerSets.find((set) => set.name === name);
const ask = (name: string, path: string) => site.ask({ host: `${name}.sets.example`, path });

describe("ListenerSetHTTPRouting", () => {
  it.each([
    ["one", "/all", "v1"],
    ["two", "/all", "v1"],
    ["two", "/section", "v2"],
    ["one", "/section", undefined],
    ["own", "/section", "v2"],
    ["own", "/all", undefined],
    ["taken", "/section", "v2"],
    ["taken", "/all", undefined],
    ["wanted", "/all", "v1"],
    ["one", "/tenant", "v3"],
    ["two", "/tenant", undefined],
    ["tenant", "/tenant", "v3"],
    ["own", "/tenant", undefined],
    ["stranger", "/all", undefined],
    ["by-default", "/all", undefined],
    ["of-nobody", "/all", undefined],
  ])("%s%s", async (host, path, backend) => {
    const { status, seen } = await ask(host, path);
    expect([status, seen?.backend]).toEqual(backend === undefined ? [404, undefined] : [200, backend]);
  });

  it("with TLS, by a Secret of its own namespace or one that is granted to it", async () => {
    const shown = (servername: string): Promise<string | undefined> =>
      new Promise((resolve) => {
        const socket = connect({ host: "127.0.0.1", port: site.ports.https, servername, rejectUnauthorized: false });
        socket.on("secureConnect", () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        });
        socket.on("error", () => resolve(undefined));
      });
    const printOf = (name: string) => new X509Certificate(site.certificates[name]!.certificate).fingerprint256;
    expect(await shown("tls.sets.example")).toBe(printOf("any"));
    expect(await shown("granted.sets.example")).toBe(printOf("shownTwo"));
    // What is granted to Gateways is not granted to ListenerSets: this name is served by nobody but the one for all.
    expect(await shown("of-gateways.sets.example")).toBe(printOf("any"));
    const { seen } = await site.ask({
      host: "tls.sets.example",
      path: "/all",
      listener: "https",
      servername: "tls.sets.example",
    });
    expect(seen?.backend).toBe("v1");
  });

  it("what the Gateway shows backends, its ListenerSets show too", async () => {
    const { body } = await ask("one", "/shown");
    const { certificate } = site.certificates["shownOne"]!;
    expect(JSON.parse(body)).toMatchObject({ client: new X509Certificate(certificate).fingerprint256 });
  });

  it("a policy of a ListenerSet counts there", async () => {
    expect((await ask("fine", "/")).status).toBe(200);
    expect((await ask("fine", "/")).status).toBe(429);
  });
});

describe("conditions of ListenerSets", () => {
  it.each([
    ["first", ["Accepted=True ListenersNotValid", "Programmed=True Programmed"]],
    ["a-later", ["Accepted=False ListenersNotValid", "Programmed=False ListenersNotValid"]],
    ["protocols", ["Accepted=True ListenersNotValid", "Programmed=True Programmed"]],
    ["secrets", ["Accepted=True ListenersNotValid", "Programmed=True Programmed"]],
    ["not-selected", ["Accepted=False NotAllowed", "Programmed=False NotAllowed"]],
    ["by-default", ["Accepted=False NotAllowed", "Programmed=False NotAllowed"]],
    ["of-nobody", ["Accepted=False Invalid", "Programmed=False Invalid"]],
  ])("%s", (name, expected) => {
    expect(words(setOf(name)?.conditions)).toEqual(expected);
  });

  it.each([
    ["first/one", "Accepted=True Accepted", "Conflicted=False NoConflicts", 2],
    ["first/two", "Accepted=True Accepted", "Conflicted=False NoConflicts", 2],
    ["first/taken", "Accepted=False HostnameConflict", "Conflicted=True HostnameConflict", 1],
    ["first/wanted", "Accepted=True Accepted", "Conflicted=False NoConflicts", 1],
    ["a-later/wanted", "Accepted=False HostnameConflict", "Conflicted=True HostnameConflict", 1],
    ["protocols/secure", "Accepted=False ProtocolConflict", "Conflicted=True ProtocolConflict", 1],
    ["protocols/fine", "Accepted=True Accepted", "Conflicted=False NoConflicts", 1],
    ["protocols/odd", "Accepted=False ProtocolConflict", "Conflicted=True ProtocolConflict", 0],
    ["secrets/granted", "Accepted=True Accepted", "ResolvedRefs=True ResolvedRefs", 1],
    ["secrets/of-gateways", "Programmed=False Invalid", "ResolvedRefs=False RefNotPermitted", 1],
  ])("%s: %s, %s, %d routes", (place, one, other, routes) => {
    const [set = "", name] = place.split("/");
    const listener = setOf(set)?.listeners.find((each) => each.name === name);
    expect(words(listener?.conditions)).toEqual(expect.arrayContaining([one, other]));
    expect(listener?.attachedRoutes).toBe(routes);
  });

  it("the Gateway counts those that are accepted, and its own listeners come first", () => {
    const gateway = site.planned.plan.conditions.gateways.find(({ name }) => name === "sets");
    expect(gateway?.attachedListenerSets).toBe(3);
    expect(words(gateway?.conditions)).toContain("Accepted=True Accepted");
    expect(gateway?.listeners.map(({ name, attachedRoutes }) => [name, attachedRoutes])).toEqual([
      ["own", 1],
      ["taken", 1],
    ]);
  });

  it.each([
    ["of-section", 0, "Accepted=True Accepted"],
    ["of-section", 1, "Accepted=False NoMatchingParent"],
    ["of-section", 2, "Accepted=True Accepted"],
    ["of-tenant", 0, "Accepted=True Accepted"],
    ["of-tenant", 1, "Accepted=True Accepted"],
    ["of-tenant", 2, "Accepted=False NotAllowedByListeners"],
    ["of-later", 0, "Accepted=True Accepted"],
    ["of-later", 1, "Accepted=False NoMatchingParent"],
  ])("ListenerSetDualParentRefIndependence: %s, parent %d: %s", (name, part, expected) => {
    const route = site.planned.plan.conditions.routes.find((each) => each.name === name);
    expect(words(route?.parents[part]?.conditions)).toContain(expected);
    if (part === 0) expect(route?.parents[part]?.parentRef.kind).toBe("ListenerSet");
  });
});
