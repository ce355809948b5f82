import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { anyHost, smallComponent, start, wat } from "../testkit/index.ts";
import { compile } from "../link/index.ts";
import { prepare, summarise } from "./index.ts";

describe("prepare", () => {
  it("refuses code that the engine refuses, and says why", async () => {
    const bytes = await wat(
      `(component (core module $m (func (export "f") (result i32) (i64.const 1))) (core instance (instantiate $m)))`,
    );
    expect(() => prepare(bytes, anyHost, "request")).toThrow(
      expect.objectContaining({
        code: "component-malformed",
        message: expect.stringMatching(/core module m is not valid.*i32.*i64/),
      }),
    );
  });

  it("refuses a module that reaches for what the rewriter adds", async () => {
    // Global 0 does not exist in the original; after rewriting it would be the count of the interruption.
    const bytes = await wat(
      `(component (core module $m (func (export "f") (global.set 0 (i32.const 99)))) (core instance (instantiate $m)))`,
    ).catch(() => undefined);
    if (bytes !== undefined) expect(() => prepare(bytes, anyHost, "request")).toThrow(/not valid/);
    const named = await wat(
      `(component (core module $m (func (export "bandstand:arm"))) (core instance (instantiate $m)))`,
    );
    expect(() => prepare(named, anyHost, "request")).toThrow(/begins with bandstand:/);
  });

  it.each([["a table without end", `(module (table 5000000 funcref))`, /tables of 5000000 entries/]])(
    "refuses %s, which no limit holds",
    async (_, module, message) => {
      const bytes = await wat(
        `(component (core module $m ${module.slice("(module".length, -1)}) (core instance (instantiate $m)))`,
      );
      expect(() => prepare(bytes, anyHost, "request")).toThrow(
        expect.objectContaining({ code: "component-unsupported", message: expect.stringMatching(message) }),
      );
    },
  );

  it("sums a component up", async () => {
    const bytes = await smallComponent();
    const summary = summarise(bytes);
    expect(summary).toMatchObject({ size: bytes.length, exports: ["wasi:http/incoming-handler@0.2.3"] });
    expect(summary.imports).toContain("wasi:http/types@0.2.3");
    expect(summary.modules.map(({ name }) => name)).toContain("small");
  });

  it("answers a damaged component with a BandstandError, or prepares something that compiles", async () => {
    const whole = await smallComponent();
    const damage = fc.array(fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (flips, cut) => {
        const bytes = whole.slice(0, cut % 7 === 0 ? cut : whole.length);
        for (const { at, bit } of flips) if (at < bytes.length) bytes[at]! ^= 1 << bit;
        const from = process.cpuUsage();
        try {
          const prepared = prepare(bytes, anyHost, "request");
          await compile(prepared);
        } catch (error) {
          if (!(error instanceof BandstandError) || error.code === "internal") throw error;
        }
        const { user, system } = process.cpuUsage(from);
        expect((user + system) / 1000).toBeLessThan(2000);
      }),
      { numRuns: 400 },
    );
  });

  it("runs what it prepared", async () => {
    const compiled = await compile(prepare(await smallComponent(), anyHost, "request"));
    expect([...start(compiled).exports.keys()]).toEqual(["wasi:http/incoming-handler#handle"]);
  });
});
