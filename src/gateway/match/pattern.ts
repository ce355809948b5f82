import { RE2JS } from "re2js";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";

/** Whether a text matches as a whole. */
export type TextTest = (text: string) => boolean;

/**
 * A regular expression in RE2's dialect, which takes linear time whatever it is given. It must match the
 * whole text, as in Envoy: `/v[0-9]+` does not match `/v1/users`.
 * Throws `site-invalid` for one that does not compile.
 */
export function compilePattern(source: string): TextTest {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch (error) {
    throw new BandstandError("site-invalid", `the regular expression ${JSON.stringify(source)} is not RE2's`, {
      remedy: `correct it: ${messageOf(error)}; the syntax is at https://github.com/google/re2/wiki/Syntax (no look-around, no back-references)`,
      cause: error,
    });
  }
  return (text) => compiled.matches(text);
}

export function textTest(type: "Exact" | "RegularExpression", value: string): TextTest {
  return type === "Exact" ? (text) => text === value : compilePattern(value);
}
