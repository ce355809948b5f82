import { BandstandError } from "../../../foundation/errors/index.ts";
import { isBodiless } from "../../../foundation/http/index.ts";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { carriesText, errorFromGuest } from "../http/error-code.ts";
import { Content } from "../http/content.ts";
import { Fields } from "../http/fields.ts";
import { wrongCase } from "../http/values.ts";
import type { GuestMemory } from "../memory.ts";
import { addFuture, bodyOf, ignoreFuture, putBody } from "./bodies.ts";
import { putHandles } from "./hand-over.ts";
import { Response } from "./messages.ts";

function responseAt(guest: Guest, handle: number): Response {
  return guest.handles.get<Response>(handle, "response");
}

export const response = {
  "[static]response.new": host(
    "iiiii",
    (guest, memory) => (headers: number, some: number, stream: number, trailers: number, result: number) => {
      const fields = guest.handles.take<Fields>(headers, "fields").frozen();
      const { exchange } = guest;
      const made = bodyOf(guest, {
        fields,
        stream: some === 0 ? undefined : stream,
        trailers,
        lengthError: "HTTP-response-body-size",
        writer: exchange,
      });
      const response = new Response(fields, made.body, made);
      putHandles(memory, result, guest.handles.add(response), addFuture(guest, made.sent));
    },
  ),
  "[method]response.get-status-code": host("i:i", (guest) => (handle: number) => responseAt(guest, handle).status),
  "[method]response.set-status-code": host("ii:i", (guest) => (handle: number, status: number) => {
    const found = responseAt(guest, handle);
    // What is above 599 is none that HTTP has (RFC 9110 15), and the tests of WASI 0.3 want it refused; what a backend answered
    // with passes where its response is handed on. 1xx is no final answer, which shows when it becomes one.
    if (status < 100 || status > 599) return 1;
    found.status = status;
    return 0;
  }),
  "[method]response.get-headers": host("i:i", (guest) => (handle: number) => {
    return guest.handles.add(responseAt(guest, handle).fields.view());
  }),
  "[static]response.consume-body": host("iii", (guest, memory) => (handle: number, sent: number, result: number) => {
    ignoreFuture(guest, sent);
    const found = guest.handles.take<Response>(handle, "response");
    putBody(guest, memory, found, result, undefined, found);
  }),
} satisfies Record<string, Function>;

/** Flat values of what `handle` returns: components may declare `task.return` of any type. */
const answerShape = ["number", "number", "number", "bigint", "number", "number", "number", "number"];

/** What `handle` returns: `result<response, error-code>` as flat values. */
export function answerOf(
  guest: Guest,
  memory: GuestMemory,
  values: readonly (number | bigint)[],
): Response | BandstandError {
  const [isError, payload, some, pointer, size] = values;
  if (values.length !== answerShape.length || !values.every((value, i) => typeof value === answerShape[i])) {
    throw guest.fail("component-trapped", "task.return is of another type than what it returns from");
  }
  if (isError === 0) {
    const response = guest.handles.take<Response>(Number(payload), "response");
    // It may say how long another answer would be.
    if (response.body instanceof Content && isBodiless(response.status)) response.body.mayBeShort = true;
    response.leaves();
    if (response.status >= 200) return response;
    response.dropped();
    return new BandstandError("component-no-answer", `answered with status ${response.status}, which is no final one`);
  }
  if (isError !== 1) wrongCase(guest, "result", Number(isError));
  const place = Number(payload);
  const text = carriesText(place) && some !== 0 ? memory.text(Number(pointer), Number(size)) : undefined;
  return errorFromGuest(place, text) ?? wrongCase(guest, "error-code", place);
}
