import { describe, expect, it } from "vitest";
import { coversAddress, coversName, isRefusedAddress, parseGrant, plainAddress } from "./index.ts";

it.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:c000:0201", "192.0.2.1"],
  ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
  ["2001:DB8:0:0::1", "2001:db8::1"],
  ["::ffff:0:1", "0.0.0.1"],
  ["::ffff", "::ffff"],
  ["::ffff:1:2:3", "::ffff:1:2:3"],
  ["fe80::1%eth0", "fe80::1"],
])("%s is %s", (address, plain) => {
  expect(plainAddress(address)).toBe(plain);
});

describe("an entry of a list of grants", () => {
  it.each([
    ["api.example.com", { scheme: undefined, port: undefined, target: { kind: "name", name: "api.example.com" } }],
    ["API.Example.com:8443", { scheme: undefined, port: 8443, target: { kind: "name", name: "api.example.com" } }],
    ["*.example.com:443", { scheme: undefined, port: 443, target: { kind: "below", name: "example.com" } }],
    ["*", { scheme: undefined, port: undefined, target: { kind: "any" } }],
    ["*:53", { scheme: undefined, port: 53, target: { kind: "any" } }],
    ["10.0.0.7", { scheme: undefined, port: undefined, target: { kind: "address", address: "10.0.0.7" } }],
    ["[0:0::1]:80", { scheme: undefined, port: 80, target: { kind: "address", address: "::1" } }],
    ["::1", { scheme: undefined, port: undefined, target: { kind: "address", address: "::1" } }],
    ["https://api.example.com", { scheme: "https", port: 443, target: { kind: "name", name: "api.example.com" } }],
    ["http://10.0.0.1:81/", { scheme: "http", port: 81, target: { kind: "address", address: "10.0.0.1" } }],
    ["https://*", { scheme: "https", port: 443, target: { kind: "any" } }],
  ] as const)("%s", (text, expected) => {
    expect(parseGrant(text)).toEqual(expected);
  });

  it.each(["10.0.0.0/8", "10.0.0.0/8:5432", "fd00::/8", "[fd00::]/8:443", "[fd00::/8]:443", "https://10.0.0.0/8"])(
    "%s is a network",
    (text) => expect(parseGrant(text)?.target.kind).toBe("range"),
  );

  it.each([
    "",
    " ",
    "*.",
    "a.*.b",
    "*x",
    "ftp://a.example",
    "a.example/path",
    "https://a.example/path",
    "a.example:99999",
    "a.example:",
    "10.0.0.0/33",
    "10.0.0",
    "10.0.0.0.1",
    "2130706433",
    "0x7f.1",
    "a.example/8",
    "[::1",
    "::1:80:x",
    "[fe80::1%eth0]",
    "a..b",
    "user@a.example",
    "a b",
  ])("%j is none", (text) => {
    expect(parseGrant(text)).toBeUndefined();
  });

  const covers = (entry: string, target: string): boolean => {
    const grant = parseGrant(entry)!;
    return /^[\d.]+$|:/.test(target) ? coversAddress(grant, target) : coversName(grant, target);
  };

  it.each([
    ["*", "8.8.8.8", true],
    ["*", "10.0.0.1", true],
    ["*", "2001:4860:4860::8888", true],
    ["*", "api.example.com", true],
    ["*", "127.0.0.1", false],
    ["*", "169.254.169.254", false],
    ["*", "::1", false],
    ["*", "::ffff:127.0.0.1", false],
    ["*", "0.0.0.0", false],
    ["*", "localhost", false],
    ["*", "db.localhost", false],
    ["*", "localhost.", false],
    ["0.0.0.0/0", "8.8.8.8", true],
    ["0.0.0.0/0", "127.0.0.1", false],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["::/0", "2001:db8::1", true],
    ["::/0", "::1", false],
    ["127.0.0.0/8", "127.9.9.9", true],
    ["127.0.0.0/8", "128.0.0.1", false],
    ["169.254.169.254", "169.254.169.254", true],
    ["169.254.0.0/16", "169.254.1.1", true],
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["fd00::/8", "fd12::1", true],
    ["fe80::/10", "fe80::1%eth0", true],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["localhost", "127.0.0.1", true],
    ["localhost", "::1", true],
    ["localhost", "127.0.0.2", false],
    ["localhost", "localhost", true],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "evil-example.com", false],
    ["example.com", "a.example.com", false],
    ["example.com", "93.184.216.34", false],
    ["10.0.0.0/8", "db.internal", false],
  ])("%s covers %s: %s", (entry, target, expected) => {
    expect(covers(entry, target)).toBe(expected);
  });

  it("knows what clouds answer about a machine", () => {
    for (const address of ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"]) {
      expect(isRefusedAddress(address)).toBe(true);
    }
  });
});
