import { BandstandError } from "../../../foundation/errors/index.ts";
import { afterwards, isStream, type Body, type HttpResponse, type RawHeaders } from "../../../foundation/http/index.ts";
import type { ExternalAuthPlan } from "../../../model/plan/index.ts";
import { isHopByHop } from "../../http1/hop-by-hop.ts";
import { headerValue } from "../../match/index.ts";
import { ask, ofItself, piecesOf, readAhead, without } from "../external-auth.ts";
import { discard } from "../discard.ts";
import type { Stage } from "../passage.ts";
import { checkMethod, decodeVerdict, encodeCheck, type HeaderChange, type Verdict } from "./check.ts";

/** Bytes of an answer at most. */
const longest = 1024 * 1024;

/** ExternalAuth by GRPC (GEP-1494): Envoy's ext_authz, version 3. Who cannot be asked lets nobody through. */
export function compileExtAuthz(plan: ExternalAuthPlan, target: Stage, next: Stage): Stage {
  const shown = plan.requestHeaders.length === 0 ? undefined : new Set(plan.requestHeaders);
  return async (request, passage) => {
    const body = plan.maxBody > 0 ? await readAhead(request, plan.maxBody) : undefined;
    const { id, remoteAddress, port } = passage;
    const protocol = `HTTP/${passage.exchange.version ?? "1.1"}`;
    const question = encodeCheck(request, { id, remoteAddress, port, protocol }, body, shown);
    const answer = await ask(target, callOf(question, request.authority), passage);
    const verdict = await verdictIn(answer);
    if (!verdict.allowed) {
      const headers = verdict.headers.filter(({ name }) => mayBeSaid(name)).flatMap(({ name, value }) => [name, value]);
      return { status: verdict.status, headers, body: verdict.body };
    }
    request.headers = changed(
      without(request.headers, new Set(verdict.remove.filter(mayBeSaid))),
      verdict.headers.filter(({ name }) => mayBeSaid(name)),
    );
    if (request.target !== "*") request.target = withQuery(request.target, verdict);
    const more = verdict.answer.filter(({ name }) => mayBeSaid(name));
    const response = next(request, passage);
    if (more.length === 0) return response;
    return afterwards(response, ({ status, headers, body: answered }) => {
      return { status, headers: changed(headers, more), body: answered };
    });
  };
}

function callOf(question: Buffer, authority: string) {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(question.length, 1);
  const headers = ["content-type", "application/grpc", "te", "trailers"];
  const body: Body = Buffer.concat([prefix, question]);
  return { method: "POST", scheme: "http", authority, target: checkMethod, headers, body } as const;
}

/** Throws `backend-broken` for what is no answer of this protocol. */
async function verdictIn(answer: HttpResponse): Promise<Verdict> {
  const broken = (what: string, cause?: unknown) =>
    new BandstandError("backend-broken", `who authorizes ${what}`, { cause });
  const { status, headers, body } = answer;
  const pieces = await piecesOf(body, longest, () => {
    discard(answer);
    return broken("answered with more than can be an answer");
  });
  const trailers = isStream(body) ? body.trailers : undefined;
  if (status !== 200) throw broken(`answered ${status}`);
  const code = headerValue(trailers ?? headers, "grpc-status") ?? headerValue(headers, "grpc-status");
  if (code !== "0") throw broken(`answered with gRPC's status ${code ?? "missing"}`);
  const bytes = Buffer.concat(pieces);
  if (bytes.length < 5 || bytes[0] !== 0 || bytes.readUInt32BE(1) !== bytes.length - 5) {
    throw broken("answered with no message");
  }
  try {
    return decodeVerdict(bytes.subarray(5));
  } catch (error) {
    throw broken("answered with what is no CheckResponse", error);
  }
}

/** Not what frames a message or belongs to a connection. */
function mayBeSaid(name: string): boolean {
  return !isHopByHop(name) && (!ofItself.test(name) || name === "content-type");
}

function changed(headers: RawHeaders, changes: readonly HeaderChange[]): RawHeaders {
  let result = headers;
  for (const { name, value, how } of changes) {
    const there = headerValue(result, name) !== undefined;
    if ((how === "add" && there) || (how === "replace" && !there)) continue;
    result = [...(how === "append" ? result : without(result, new Set([name]))), name, value];
  }
  return result;
}

function withQuery(target: string, { query, removeQuery }: Extract<Verdict, { allowed: true }>): string {
  if (query.length === 0 && removeQuery.length === 0) return target;
  const mark = target.indexOf("?");
  const parameters = new URLSearchParams(mark === -1 ? "" : target.slice(mark + 1));
  for (const name of removeQuery) parameters.delete(name);
  for (const { name, value } of query) parameters.set(name, value);
  const path = mark === -1 ? target : target.slice(0, mark);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
