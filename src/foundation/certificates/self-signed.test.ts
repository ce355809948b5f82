import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { selfSigned } from "./index.ts";

test("a certificate is for its names, for now, and fits its key", () => {
  const { certificate, key } = selfSigned(["a.example", "*.b.example", "127.0.0.1"], 10);
  const read = new X509Certificate(certificate);
  expect(read.checkHost("a.example")).toBe("a.example");
  expect(read.checkHost("x.b.example")).toBe("*.b.example");
  expect(read.checkHost("c.example")).toBeUndefined();
  expect(read.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.ca).toBe(true);
  const [from, to] = [read.validFromDate.getTime(), read.validToDate.getTime()];
  expect(from).toBeLessThan(Date.now());
  expect(Math.round((to - Date.now()) / 86_400_000)).toBe(10);
});

test("years beyond 2049 have four digits", () => {
  const { certificate } = selfSigned(["a.example"], 365 * 60);
  expect(new X509Certificate(certificate).validToDate.getUTCFullYear()).toBeGreaterThan(2080);
});

test("what cannot be certified is refused", () => {
  expect(() => selfSigned(["::1"])).toThrow(RangeError);
});
