import { describe, expect, it } from "vitest";
import { afterwards, Later } from "./later.ts";

describe("a value that comes later", () => {
  it("goes to its taker in the stack in which it comes, through all that goes on with it", () => {
    const later = new Later<{ a: number }>();
    let seen: unknown;
    const next = afterwards(later, ({ a }) => ({ a: a + 1 })) as Later<{ a: number }>;
    next.take((value) => (seen = value), String);
    let first = false;
    later.take(() => (first = true), String);
    later.resolve({ a: 1 });
    expect(first).toBe(true);
    expect(seen).toEqual({ a: 2 });
    later.resolve({ a: 5 });
    later.reject(new Error("late"));
    expect(seen).toEqual({ a: 2 });
  });

  it("can be awaited, whether it has come or not", async () => {
    const early = new Later<number>();
    early.resolve(1);
    expect(await early).toBe(1);
    const late = new Later<number>();
    setImmediate(() => late.reject(new Error("no")));
    await expect(late.then()).rejects.toThrow("no");
    expect(await late.catch(String)).toBe("Error: no");
  });

  it("fails with what fails on its way, and follows others", async () => {
    const later = new Later<object>();
    const next = afterwards(later, () => {
      throw new Error("broken");
    });
    later.resolve({});
    await expect(next).rejects.toThrow("broken");
    const first = new Later<object>();
    const second = afterwards(first, () => Promise.resolve({ second: true }));
    first.resolve({});
    expect(await second).toEqual({ second: true });
  });
});
