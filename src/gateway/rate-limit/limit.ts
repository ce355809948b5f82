import { afterwards, type HttpRequest, type HttpResponse, type RawHeaders } from "../../foundation/http/index.ts";
import { clientOf } from "../../foundation/network/index.ts";
import type { RateLimitPlan } from "../../model/plan/index.ts";
import { ownAnswer, type Passage, type Stage } from "../chain/index.ts";
import { withHeaders } from "../http1/read-response.ts";
import { headerValue } from "../match/index.ts";
import { beginningOf, rateOf, type Beginning, type Rate, type RateTable, type Verdict } from "./table.ts";

interface Limit {
  plan: RateLimitPlan;
  rate: Rate;
  /** How its keys begin. */
  before: Beginning;
  /** `"name";q=100;w=60`, as RateLimit-Policy says it. */
  policy: string;
}

/**
 * Answers 429 where a request is more than any of its limits allows; a request that is refused counts for none of
 * them. Answers tell clients where they are (draft-ietf-httpapi-ratelimit-headers-10).
 * @param refused is told of the limit that refused.
 */
export function withRateLimits(
  plans: readonly RateLimitPlan[],
  table: RateTable,
  refused: (plan: RateLimitPlan) => void,
  next: Stage,
): Stage {
  const limits = plans.map((plan): Limit => {
    const policy = `"${plan.name}";q=${plan.requests};w=${Math.ceil(plan.per / 1000)}`;
    return { plan, rate: rateOf(plan), before: beginningOf(`${plan.id}\0`), policy };
  });
  const policies = limits.map(({ policy }) => policy).join(", ");
  const begin = `ratelimit-policy: ${policies}\r\nratelimit: `;
  // What a client wrote is no part of them.
  const sound = /^[ -~]*$/.test(policies);
  const allows = ({ plan, rate, before }: Limit, request: HttpRequest, passage: Passage): boolean =>
    table.peek(keyOf(plan, request, passage), rate, before).allowed;
  return (request, passage) => {
    // With several, one that refuses must not cost the others anything.
    const over = limits.length === 1 ? -1 : limits.findIndex((limit) => !allows(limit, request, passage));
    let standing = "";
    for (let at = 0; at < limits.length; at++) {
      const limit = limits[at] as Limit;
      const { plan, rate, before } = limit;
      const key = keyOf(plan, request, passage);
      const verdict = at < over ? table.peek(key, rate, before) : table.take(key, rate, before);
      standing += `${at === 0 ? "" : ", "}"${plan.name}";r=${verdict.remaining};t=${Math.ceil(verdict.reset)}`;
      if (verdict.allowed) continue;
      refused(plan);
      return tooMany(limit, verdict, passage, ["ratelimit-policy", policies, "ratelimit", standing]);
    }
    const told: RawHeaders = ["ratelimit-policy", policies, "ratelimit", standing];
    const lines = sound ? `${begin}${standing}\r\n` : undefined;
    return afterwards(next(request, passage), (response) => withHeaders(response, told, lines));
  };
}

/** What a limit counts by. */
function keyOf({ by }: RateLimitPlan, request: HttpRequest, { remoteAddress }: Passage): string {
  switch (by.type) {
    case "ClientAddress":
      return clientOf(remoteAddress);
    case "Header":
      // Who leaves it out must not get around the limit: all of them count together.
      return headerValue(request.headers, by.header) ?? "";
    case "Everyone":
      return "";
  }
}

function tooMany({ plan }: Limit, { wait }: Verdict, passage: Passage, told: RawHeaders): HttpResponse {
  const message = `more requests than limit ${plan.name} allows`;
  const answer = ownAnswer(429, "rate-limited", message, passage.id);
  answer.headers.push("retry-after", String(Math.max(1, Math.ceil(wait))), ...told);
  return answer;
}
