import { afterwards, type HttpRequest, type HttpResponse, type RawHeaders } from "../../foundation/http/index.ts";
import type { RulePlan, SessionPlan } from "../../model/plan/index.ts";
import type { ChainBackend } from "./backends.ts";
import type { Stage } from "./passage.ts";
import { TokenSigner, type SessionToken } from "./session-token.ts";

interface Options {
  plan: SessionPlan;
  signer: TokenSigner;
  cookiePath: string;
  backends: ChainBackend[];
  choose: () => ChainBackend;
  /** Seconds since 1970. */
  now: () => number;
}

/**
 * `sessionPersistence`: the first answer gives the client a token, later requests with it go to the same
 * backend and endpoint. A token that is forged, too old or of a backend that is gone counts as none.
 */
export function compileSession(options: Options): Stage {
  const { plan, signer, backends, choose, now } = options;
  // Of weight 0 too: who is there stays there, only nobody new comes (GEP-1619, traffic splitting). One that is there with a weight as
  // well, with other filters, is that one.
  const byWeight = backends.toSorted((a, b) => a.weight - b.weight);
  const byTag = new Map(byWeight.map((backend) => [signer.tag(backend.name), backend]));
  return (request, passage) => {
    const token = currentToken(options, request.headers);
    const known = token === undefined ? undefined : byTag.get(token.backend);
    const backend = known ?? choose();
    const wanted = known === undefined || token === undefined ? undefined : endpointOf(known, token, signer);
    passage.endpoint = wanted;
    return afterwards(backend.stage(request, passage), (response) => {
      const answered = passage.endpoint ?? "";
      const stays = known !== undefined && token !== undefined && answered === (wanted ?? "");
      if (stays && plan.idleTimeout === undefined) return response;
      const seen = now();
      const created = stays ? token.created : seen;
      const text = signer.sign({ backend: signer.tag(backend.name), endpoint: signer.tag(answered), created, seen });
      return withToken(options, request, response, text, created);
    });
  };
}

/** A cookie for one path is not sent elsewhere; with several or with patterns it must be sent everywhere. */
export function cookiePathOf({ matches }: RulePlan): string {
  const [only, second] = matches;
  const { type, value } = only?.path ?? { type: "PathPrefix", value: "/" };
  const whole = type === "Exact" || type === "PathPrefix";
  return second === undefined && whole ? value : "/";
}

function endpointOf(backend: ChainBackend, token: SessionToken, signer: TokenSigner): string | undefined {
  if (token.endpoint === "") return undefined;
  return backend.endpoints?.().find((endpoint) => signer.tag(endpoint) === token.endpoint);
}

function currentToken({ plan, signer, now }: Options, headers: RawHeaders): SessionToken | undefined {
  const time = now();
  for (const text of tokensIn(plan, headers)) {
    const token = signer.read(text);
    if (token === undefined) continue;
    const old = plan.absoluteTimeout !== undefined && time - token.created > plan.absoluteTimeout / 1000;
    const idle = plan.idleTimeout !== undefined && time - token.seen > plan.idleTimeout / 1000;
    if (!old && !idle) return token;
  }
  return undefined;
}

function* tokensIn({ type, name }: SessionPlan, headers: RawHeaders): Generator<string> {
  const wanted = type === "Header" ? name.toLowerCase() : "cookie";
  for (let index = 0; index < headers.length; index += 2) {
    if ((headers[index] as string).toLowerCase() !== wanted) continue;
    const value = headers[index + 1] as string;
    if (type === "Header") yield value;
    else {
      for (const pair of value.split(";")) {
        const equals = pair.indexOf("=");
        if (equals !== -1 && pair.slice(0, equals).trim() === name) yield pair.slice(equals + 1).trim();
      }
    }
  }
}

function withToken(
  { plan, cookiePath, now }: Options,
  request: HttpRequest,
  { status, headers, body }: HttpResponse,
  token: string,
  created: number,
): HttpResponse {
  if (plan.type === "Header") return { status, headers: [...headers, plan.name, token], body };
  let cookie = `${plan.name}=${token}; Path=${cookiePath}; HttpOnly; SameSite=Lax`;
  if (plan.lifetime === "Permanent" && plan.absoluteTimeout !== undefined) {
    cookie += `; Max-Age=${Math.max(0, Math.round(created + plan.absoluteTimeout / 1000 - now()))}`;
  }
  if (request.scheme === "https") cookie += "; Secure";
  return { status, headers: [...headers, "set-cookie", cookie], body };
}
