import { describe, expect, it } from "vitest";
import { hostLookup } from "../index.ts";

const use = (name: string, version: string, functionName: string, async?: true) =>
  hostLookup({
    kind: "function",
    interface: name,
    version,
    name: functionName,
    params: [],
    results: [],
    ...(async && { async }),
  });

describe("drafts of WASI 0.3", () => {
  it.each([
    ["wasi:filesystem/types", "[method]descriptor.open-at"],
    ["wasi:http/types", "[constructor]fields"],
    ["wasi:cli/stdout", "write-via-stream"],
  ])("that are the same are served: %s", (name, functionName) => {
    const released = use(name, "0.3.0", functionName);
    expect(released).toMatchObject({ params: expect.anything() });
    expect(use(name, "0.3.0-rc-2026-03-15", functionName)).toBe(released);
  });

  it("are refused interface by interface, with what differs", () => {
    const name = "wasi:filesystem/types";
    expect(use(name, "0.3.0-rc-2026-02-09", "[method]descriptor.stat")).toEqual({
      refusal: expect.stringContaining("enumerations"),
    });
    expect(use("wasi:http/types", "0.3.0-rc-2026-02-09", "[constructor]fields")).toEqual({
      refusal: expect.stringContaining("fewer cases"),
    });
    expect(use("wasi:clocks/monotonic-clock", "0.3.0-rc-2026-02-09", "now")).toMatchObject({ results: ["i64"] });
  });

  it("that nobody compared are refused", () => {
    const refused = { refusal: expect.stringContaining("0.3.0-rc-2026-03-15") };
    expect(use("wasi:cli/environment", "0.3.0-rc-2025-09-16", "get-arguments")).toEqual(refused);
    expect(
      hostLookup({ kind: "drop", interface: "wasi:http/types", version: "0.3.0-rc-1999-01-01", resource: "fields" }),
    ).toEqual(refused);
  });
});

describe("what is there and denied", () => {
  it.each([
    ["[method]tcp-socket.connect", 14, 2],
    ["[method]udp-socket.send", 17, 2],
  ])("%s takes so many parameters as WASI has it", (name, plain, asynchronous) => {
    expect(use("wasi:sockets/types", "0.3.0", name)).toMatchObject({ params: Array(plain).fill("i32"), results: [] });
    expect(use("wasi:sockets/types", "0.3.0", name, true)).toMatchObject({
      params: Array(asynchronous).fill("i32"),
      results: ["i32"],
    });
  });
});
