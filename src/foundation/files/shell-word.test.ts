import { expect, it } from "vitest";
import { shellWord } from "./index.ts";

it("is a path as one word of a shell", () => {
  expect(["/a/b-c", "my shop", "it's", "$(x)"].map(shellWord)).toEqual(["/a/b-c", "'my shop'", `'it'\\''s'`, "'$(x)'"]);
});
