import { afterwards, type HttpRequest, type HttpResponse, type RawHeaders } from "../../foundation/http/index.ts";
import { clientOf } from "../../foundation/network/index.ts";
import type { RateLimitPlan } from "../../model/plan/index.ts";
import { ownAnswer, type Passage, type Stage } from "../chain/index.ts";
import { withHeaders } from "../http1/read-response.ts";
import { headerValue } from "../match/index.ts";
import { rateOf, type Rate, type RateTable, type Verdict } from "./table.ts";

interface Limit {
  plan: RateLimitPlan;
  rate: Rate;
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
    return { plan, rate: rateOf(plan), policy };
  });
  const policies = limits.map(({ policy }) => policy).join(", ");
  return (request, passage) => {
    const keys = limits.map(({ plan }) => keyOf(plan, request, passage));
    // With several, one that refuses must not cost the others anything.
    const over = limits.length === 1 ? -1 : limits.findIndex(({ rate }, at) => !table.peek(keys[at]!, rate).allowed);
    const verdicts: Verdict[] = [];
    for (const [at, limit] of limits.entries()) {
      const verdict = at < over ? table.peek(keys[at]!, limit.rate) : table.take(keys[at]!, limit.rate);
      verdicts.push(verdict);
      if (verdict.allowed) continue;
      refused(limit.plan);
      return tooMany(limit, verdict, passage, ["ratelimit-policy", policies, "ratelimit", standing(limits, verdicts)]);
    }
    const told: RawHeaders = ["ratelimit-policy", policies, "ratelimit", standing(limits, verdicts)];
    return afterwards(next(request, passage), (response) => withHeaders(response, told));
  };
}

function keyOf({ id, by }: RateLimitPlan, request: HttpRequest, { remoteAddress }: Passage): string {
  switch (by.type) {
    case "ClientAddress":
      return `${id}\0${clientOf(remoteAddress)}`;
    case "Header":
      // Who leaves it out must not get around the limit: all of them count together.
      return `${id}\0${headerValue(request.headers, by.header) ?? ""}`;
    case "Everyone":
      return id;
  }
}

function standing(limits: Limit[], verdicts: Verdict[]): string {
  return verdicts
    .map(({ remaining, reset }, at) => `"${limits[at]?.plan.name}";r=${remaining};t=${Math.ceil(reset)}`)
    .join(", ");
}

function tooMany({ plan }: Limit, { wait }: Verdict, passage: Passage, told: RawHeaders): HttpResponse {
  const message = `more requests than limit ${plan.name} allows`;
  const answer = ownAnswer(429, "rate-limited", message, passage.id);
  answer.headers.push("retry-after", String(Math.max(1, Math.ceil(wait))), ...told);
  return answer;
}
