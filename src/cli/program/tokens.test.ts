import { parseArgs } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tokensOf } from "./tokens.ts";

const options = {
  detach: { type: "boolean", short: "d" },
  follow: { type: "boolean", short: "f" },
  env: { type: "string", short: "e" },
  dir: { type: "string" },
} as const;
const any = fc.oneof(
  fc.constantFrom(
    ..."-- - --dir --dir= --dir=x=y --env --detach --detach=no --no-detach --none --none=1 --=x".split(" "),
  ),
  fc.constantFrom(..."-d -e -x -df -de -dex -ex=1 -fd=1 -xyz -dxe -é --é run x.wasm".split(" "), "", "a b"),
  fc.string({ maxLength: 4 }),
  fc.string({ maxLength: 4 }).map((text) => `-${text}`),
  fc.string({ maxLength: 4 }).map((text) => `--${text}`),
);
/** A sign among letters Node takes for the end of options; here it is a letter that is unknown. */
const written = any.filter((text) => !/^-[^-].*-/s.test(text));

test("finds what parseArgs of Node finds", () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 6 }), (args) => {
      const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
      expect(tokensOf(args, options)).toEqual(tokens);
    }),
    { numRuns: 5000 },
  );
});
