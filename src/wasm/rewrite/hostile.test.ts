import { describe, expect, it } from "vitest";
import { decodeModule, encodeModule, section, Writer } from "../binary/index.ts";
import { wat } from "../testkit/index.ts";
import { rewrite } from "./index.ts";

/** A function that does nothing but stand there with so many times the same instructions. */
async function repeated(code: readonly number[], times: number): Promise<Uint8Array> {
  const plain = decodeModule(await wat(`(module (memory 1) (func (param i32) unreachable))`));
  const body = new Writer().u32(0).u8(0);
  for (let n = times; n > 0; n--) body.raw(Uint8Array.from(code));
  body.u8(0x0b);
  const content = new Writer().u32(1).u32(body.length).raw(body.view()).view();
  const old = plain.sections.find(({ id }) => id === section.code)!;
  return encodeModule(plain, { replace: new Map([[old, content]]), insert: [] });
}

describe("modules that are made to be much work", () => {
  it("take as long as their code: 200,000 operations on stretches of memory in a function", async () => {
    const bytes = await repeated([0xfc, 0x0b, 0x00], 200_000);
    expect(WebAssembly.validate(bytes as never)).toBe(true);
    expect(WebAssembly.validate(rewrite(decodeModule(bytes), { reset: true }) as never)).toBe(true);
  });

  it("are taken with loops written once, where copies would be more than the engine takes", async () => {
    const bytes = await repeated([0x03, 0x40, 0x0b], 150_000);
    expect(WebAssembly.validate(rewrite(decodeModule(bytes)) as never)).toBe(true);
  });

  it("are refused where they become more code than the engine takes", async () => {
    const bytes = await repeated([0x03, 0x40, 0x0b], 250_000);
    expect(WebAssembly.validate(bytes as never)).toBe(true);
    expect(() => rewrite(decodeModule(bytes))).toThrow(
      expect.objectContaining({ code: "component-unsupported", message: expect.stringContaining("more code than") }),
    );
  });

  it.each([
    ["passive", "(elem $e func FUNCS)", false],
    ["active", "(table 10 funcref) (elem (i32.const 0) func FUNCS)", false],
    ["declared", "(elem declare func FUNCS)", true],
  ])("are refused for long element segments, which are made in one go: %s", async (_, text, taken) => {
    const module = decodeModule(await wat(`(module (func $f) ${text.replace("FUNCS", "$f ".repeat(250_001))})`));
    if (taken) expect(() => rewrite(module)).not.toThrow();
    else expect(() => rewrite(module)).toThrow(/element segments of 250001 entries/);
  });
});
