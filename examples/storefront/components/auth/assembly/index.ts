// Lets a request pass only with a valid token, and tells the next stage whose it is.
//
// Configuration: JWT_SECRET (32 bytes or more, from a Secret), JWT_ISSUER, JWT_AUDIENCE,
// JWT_LEEWAY (seconds that clocks may differ, 0 to 300, by default 0).

import { config, log, next, now, quote, Request, Response } from "@bandstand/sdk";
import { bearerToken } from "./bearer";
import { Rules } from "./rules";
import { verify } from "./token";

export function handle(request: Request): Response {
  // Only this component says who somebody is.
  request.headers.delete("x-user");
  const rules = Rules.from(config("JWT_SECRET"), config("JWT_ISSUER"), config("JWT_AUDIENCE"), config("JWT_LEEWAY"));
  if (rules === null) {
    log("auth is not configured: JWT_SECRET of 32 bytes or more, JWT_ISSUER and JWT_AUDIENCE are needed");
    return Response.json('{"error":"not_configured"}\n', 500);
  }

  const values = request.headers.getAll("authorization");
  // RFC 6750, section 3: who sent no credentials at all gets no error code.
  if (values.length == 0) return refuse("Bearer", "missing_token", "send a token as Authorization: Bearer");
  const token = bearerToken(values);
  if (token === null) return invalid("one bearer token was expected");
  const verdict = verify(token, rules, now());
  if (verdict.problem.length > 0) return invalid(verdict.problem);

  if (!request.headers.set("x-user", verdict.user)) return invalid("the subject cannot be a header");
  return next(request);
}

function invalid(problem: string): Response {
  return refuse('Bearer error="invalid_token"', "invalid_token", problem);
}

function refuse(challenge: string, error: string, message: string): Response {
  const response = Response.json('{"error":' + quote(error) + ',"message":' + quote(message) + "}\n", 401);
  response.headers.set("www-authenticate", challenge);
  response.headers.set("cache-control", "no-store");
  return response;
}
