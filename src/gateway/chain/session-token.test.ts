import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenSigner } from "./session-token.ts";

const key = randomBytes(32);
const signer = new TokenSigner(key, "route");
const token = fc.record({
  backend: fc.string().map((name) => signer.tag(`b${name}`)),
  endpoint: fc.option(
    fc.string().map((name) => signer.tag(`e${name}`)),
    { nil: "" },
  ),
  created: fc.nat(0xffffffff),
  seen: fc.nat(0xffffffff),
});

describe("session tokens", () => {
  it("say what was signed", () => {
    fc.assert(fc.property(token, (one) => void expect(signer.read(signer.sign(one))).toEqual(one)));
  });

  it("are not taken with any bit changed, cut or prolonged", () => {
    fc.assert(
      fc.property(token, fc.nat(35), fc.integer({ min: 1, max: 255 }), (one, at, flip) => {
        const bytes = Buffer.from(signer.sign(one), "base64url");
        bytes[at] = (bytes[at] as number) ^ flip;
        expect(signer.read(bytes.toString("base64url"))).toBeUndefined();
        expect(signer.read(signer.sign(one).slice(1))).toBeUndefined();
        expect(signer.read(`${signer.sign(one)}A`)).toBeUndefined();
      }),
    );
  });

  it("are not taken by another route or another site", () => {
    const text = signer.sign({ backend: signer.tag("b"), endpoint: "", created: 1, seen: 1 });
    expect(new TokenSigner(key, "other").read(text)).toBeUndefined();
    expect(new TokenSigner(randomBytes(32), "route").read(text)).toBeUndefined();
    expect(new TokenSigner(key, "route").read(text)?.created).toBe(1);
  });

  it("never throw, whatever a client sends", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.base64String({ minLength: 48, maxLength: 48 }),
    );
    fc.assert(fc.property(texts, (text) => signer.read(text) === undefined));
  });
});
