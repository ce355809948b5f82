import { decodeBase64url, decodeUtf8, equalInConstantTime, hmacSha256, Json, JsonKind, utf8 } from "@bandstand/sdk";
import { claimsProblem, subjectOf } from "./claims";
import { Rules } from "./rules";

/** Whose token it is, or what is wrong with it. */
export class Verdict {
  constructor(
    readonly user: string,
    readonly problem: string,
  ) {}
}

/** Checks a JWT (RFC 7519) with HS256, as RFC 8725 asks: the algorithm is ours to choose, not the token's. */
export function verify(token: string, rules: Rules, now: i64): Verdict {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first <= 0 || second <= first + 1 || second == token.length - 1 || token.indexOf(".", second + 1) >= 0) {
    return refused("the token does not have three parts");
  }
  const header = objectOf(token.substring(0, first));
  if (header === null) return refused("the token's header cannot be read");
  const problem = headerProblem(header);
  if (problem.length > 0) return refused(problem);

  const signature = decodeBase64url(token.substring(second + 1));
  const expected = hmacSha256(rules.key, utf8(token.substring(0, second)));
  if (signature === null || !equalInConstantTime(signature, expected)) return refused("the signature is wrong");

  // Only now is what the token says worth reading.
  const claims = objectOf(token.substring(first + 1, second));
  if (claims === null) return refused("the token's claims cannot be read");
  const claim = claimsProblem(claims, rules, now);
  if (claim.length > 0) return refused(claim);
  const user = subjectOf(claims);
  return user === null ? refused("the subject is missing or cannot be a header") : new Verdict(user, "");
}

function refused(problem: string): Verdict {
  return new Verdict("", problem);
}

function headerProblem(header: Json): string {
  const algorithm = header.getText("alg");
  if (algorithm === null || algorithm != "HS256") return "the algorithm is not HS256";
  // RFC 7515, section 4.1.11: who does not understand an extension must refuse it, and there is none here.
  if (header.get("crit") !== null) return "the token has critical extensions";
  const type = header.get("typ");
  if (type === null) return "";
  const name = type.kind == JsonKind.Text ? type.text.toLowerCase() : "";
  return name == "jwt" || name == "at+jwt" ? "" : "the token is of another type";
}

function objectOf(part: string): Json | null {
  const bytes = decodeBase64url(part);
  if (bytes === null) return null;
  const text = decodeUtf8(bytes);
  if (text === null) return null;
  const json = Json.parse(text);
  return json !== null && json.kind == JsonKind.Object ? json : null;
}
