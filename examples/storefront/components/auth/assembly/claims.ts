import { Json, JsonKind } from "@bandstand/sdk";
import { Rules } from "./rules";

const MAX_SUBJECT: i32 = 256;

/** What is wrong with the claims (RFC 7519, section 4.1) at this time; empty where nothing is. */
export function claimsProblem(claims: Json, rules: Rules, now: i64): string {
  const leeway = <f64>rules.leeway;
  const expires = claims.get("exp");
  if (expires === null || !isTime(expires)) return "the token has no time of expiry";
  if (<f64>now >= expires.number + leeway) return "the token has expired";
  const begins = claims.get("nbf");
  if (begins !== null) {
    if (!isTime(begins)) return "the token's first time is not a number";
    if (<f64>now < begins.number - leeway) return "the token is not valid yet";
  }
  const issuer = claims.getText("iss");
  if (issuer === null || issuer != rules.issuer) return "the token is from another issuer";
  return isFor(claims.get("aud"), rules.audience) ? "" : "the token is for another audience";
}

/** The subject where it can stand in a header: visible ASCII, no blanks. */
export function subjectOf(claims: Json): string | null {
  const subject = claims.getText("sub");
  if (subject === null || subject.length == 0 || subject.length > MAX_SUBJECT) return null;
  for (let i = 0; i < subject.length; i++) {
    const code = subject.charCodeAt(i);
    if (code < 0x21 || code > 0x7e) return null;
  }
  return subject;
}

function isTime(value: Json): bool {
  return value.kind == JsonKind.Number && isFinite(value.number);
}

/** One text, or a list of texts of which one matches. */
function isFor(audience: Json | null, wanted: string): bool {
  if (audience === null) return false;
  if (audience.kind == JsonKind.Text) return audience.text == wanted;
  if (audience.kind != JsonKind.List) return false;
  let found = false;
  for (let i = 0; i < audience.items.length; i++) {
    const each = audience.items[i];
    if (each.kind != JsonKind.Text) return false;
    if (each.text == wanted) found = true;
  }
  return found;
}
