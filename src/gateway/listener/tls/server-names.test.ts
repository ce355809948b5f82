import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { selfSigned } from "../../../foundation/certificates/index.ts";
import { ServerNames, type KeyPair } from "./server-names.ts";

const ticketKeys = (): Buffer => keys;
let keys = Buffer.alloc(48);
const pair = (...names: [string, ...string[]]): KeyPair => {
  const { certificate, key } = selfSigned(names);
  return { certificate: Buffer.from(certificate), key: Buffer.from(key) };
};

describe("server names", () => {
  const [a, b, wild] = [pair("a.example"), pair("b.shop.example"), pair("*.shop.example")];
  const names = new ServerNames(
    [
      { hostname: "a.example", pairs: [a] },
      { hostname: "*.shop.example", pairs: [b, wild] },
    ],
    ticketKeys,
  );

  it("lead to the most specific listener, and there to the certificate for the name", () => {
    const contexts = ["a.example", "b.shop.example", "x.shop.example"].map((name) => names.find(name));
    expect(new Set(contexts).size).toBe(3);
    // No certificate covers two labels: the client gets the first, and judges for itself.
    expect(names.find("x.y.shop.example")).toBe(contexts[1]);
    expect(names.find("A.EXAMPLE")).toBe(names.find("a.example"));
  });

  it("of no listener have no certificate", () => {
    expect(names.find("elsewhere.test")).toBeUndefined();
    expect(names.find("shop.example")).toBeUndefined();
  });

  it("fall back to the listener for every name, else to the first", () => {
    const named = (made: ServerNames): string | undefined =>
      new X509Certificate(made.fallback.cert as Buffer).subjectAltName;
    expect(named(names)).toBe("DNS:a.example");
    const any = new ServerNames([{ hostname: "a.example", pairs: [a] }, { pairs: [b] }], ticketKeys);
    expect(named(any)).toBe("DNS:b.shop.example");
  });

  it("have contexts with the keys of tickets of the moment, and keep them as long", () => {
    const before = [names.find("a.example"), names.fallback];
    expect([names.find("a.example"), names.fallback].every((context, at) => context === before[at])).toBe(true);
    keys = Buffer.alloc(48, 1);
    const after = [names.find("a.example"), names.fallback];
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toMatchObject({ ticketKeys: keys });
  });

  it("refuse what OpenSSL does not take, without a word of the key", () => {
    const broken = { certificate: a.certificate, key: b.key };
    expect(() => new ServerNames([{ pairs: [broken] }], ticketKeys)).toThrow(/cannot be used/);
  });
});
