import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { PollableOn } from "../io/index.ts";
import { Content } from "./content.ts";
import { carriesText, errorFromGuest, putErrorCode } from "./error-code.ts";
import { declaredLength, Fields } from "./fields.ts";
import {
  FutureIncomingResponse,
  IncomingBody,
  IncomingResponse,
  OutgoingBody,
  OutgoingResponse,
  type ResponseOutparam,
} from "./resources.ts";
import { isBodiless, isStream } from "../../../foundation/http/index.ts";
import { addBody, putHandle, wrongCase } from "./values.ts";

function incoming(guest: Guest, handle: number): IncomingResponse {
  return guest.handles.get<IncomingResponse>(handle, "incoming-response");
}

function outgoing(guest: Guest, handle: number): OutgoingResponse {
  return guest.handles.get<OutgoingResponse>(handle, "outgoing-response");
}

/** Takes the guest's answer; what is not said again is that it may set it once: the outparam is gone then. */
function answer(guest: Guest, response: OutgoingResponse): void {
  const { exchange } = guest;
  if (exchange === undefined) return;
  exchange.answer = response;
  if (exchange.request.method === "HEAD" || isBodiless(response.status)) response.content?.discard();
}

export const responseOutparam = {
  "[static]response-outparam.set": host(
    "iiiiIiiii",
    (guest, memory) =>
      (outparam: number, isError: number, payload: number, some: number, pointer: bigint, size: number) => {
        guest.handles.take<ResponseOutparam>(outparam, "response-outparam");
        if (isError === 0) return answer(guest, guest.handles.take<OutgoingResponse>(payload, "outgoing-response"));
        if (isError !== 1) wrongCase(guest, "result", isError);
        const text = carriesText(payload) && some !== 0 ? memory.text(Number(pointer), size) : undefined;
        const error = errorFromGuest(payload, text) ?? wrongCase(guest, "error-code", payload);
        if (guest.exchange !== undefined) guest.exchange.answer = error;
        return undefined;
      },
  ),
  // What only informs is dropped: not every client can take it.
  "[method]response-outparam.send-informational": host(
    "iiii",
    (guest, memory) => (outparam: number, _status: number, headers: number, result: number) => {
      guest.handles.get<ResponseOutparam>(outparam, "response-outparam");
      guest.handles.drop(headers, "fields");
      memory.view.setUint8(memory.at(result, 40, 8), 0);
    },
  ),
} satisfies Record<string, Function>;

export const outgoingResponse = {
  "[constructor]outgoing-response": host("i:i", (guest) => (headers: number) => {
    const fields = guest.handles.take<Fields>(headers, "fields");
    return guest.handles.addAs("outgoing-response", new OutgoingResponse(fields.frozen()), 0, true);
  }),
  "[method]outgoing-response.status-code": host("i:i", (guest) => (handle: number) => outgoing(guest, handle).status),
  "[method]outgoing-response.set-status-code": host("ii:i", (guest) => (handle: number, status: number) => {
    const response = outgoing(guest, handle);
    // 1xx is no final answer; above 599 is what some backends answer, which is passed on as it came.
    if (status < 200 || status > 999) return 1;
    response.status = status;
    if (response.content !== undefined && isBodiless(status)) response.content.mayBeShort = true;
    return 0;
  }),
  "[method]outgoing-response.headers": host("i:i", (guest) => (handle: number) => {
    const response = outgoing(guest, handle);
    return guest.handles.addAs("fields", new Fields(response.fields.list, false, true), handle, false);
  }),
  "[method]outgoing-response.body": host("ii", (guest, memory) => (handle: number, result: number) => {
    const response = outgoing(guest, handle);
    const { exchange } = guest;
    const length = declaredLength(response.fields);
    if (response.content !== undefined || length === "invalid" || exchange === undefined) {
      return putHandle(memory, result, undefined);
    }
    const content = (response.content = new Content(length, exchange));
    content.mayBeShort = exchange.request.method === "HEAD" || isBodiless(response.status);
    putHandle(memory, result, addBody(guest, new OutgoingBody(content, guest, "HTTP-response-body-size")));
  }),
} satisfies Record<string, Function>;

export const incomingResponse = {
  "[method]incoming-response.status": host(
    "i:i",
    (guest) => (handle: number) => incoming(guest, handle).response.status,
  ),
  "[method]incoming-response.headers": host("i:i", (guest) => (handle: number) => {
    const found = incoming(guest, handle);
    return guest.handles.addAs("fields", Fields.received(found.response), handle, false);
  }),
  "[method]incoming-response.consume": host("ii", (guest, memory) => (handle: number, result: number) => {
    const found = incoming(guest, handle);
    if (found.consumed) return putHandle(memory, result, undefined);
    found.consumed = true;
    const { body } = found.response;
    const made = new IncomingBody(found.source, body);
    putHandle(memory, result, guest.handles.addAs("incoming-body", made, 0, isStream(body)));
  }),
} satisfies Record<string, Function>;

function addResponse({ handles }: Guest, response: IncomingResponse): number {
  return handles.addAs("incoming-response", response, 0, isStream(response.response.body));
}

export const futureIncomingResponse = {
  "[method]future-incoming-response.subscribe": host("i:i", (guest) => (handle: number) => {
    const future = guest.handles.get<FutureIncomingResponse>(handle, "future-incoming-response");
    return guest.handles.addAs("pollable", new PollableOn(future), handle, false);
  }),
  // option<result<result<incoming-response, error-code>>>: the cases at 0, 8 and 16, what they carry at 24.
  "[method]future-incoming-response.get": host("ii", (guest, memory) => (handle: number, result: number) => {
    const future = guest.handles.get<FutureIncomingResponse>(handle, "future-incoming-response");
    const at = memory.at(result, 56, 8);
    // A guest that asks again and again, and never waits, gets its request sent too.
    if (future.result === undefined) guest.exchange?.sendPending();
    const found = future.result;
    memory.view.setUint8(at, found === undefined ? 0 : 1);
    if (found === undefined) return;
    memory.view.setUint8(at + 8, future.taken ? 1 : 0);
    if (future.taken) return;
    future.taken = true;
    const isResponse = found instanceof IncomingResponse;
    if (isResponse) memory.view.setUint32(at + 24, addResponse(guest, found), true);
    else putErrorCode(memory, at + 24, found);
    memory.view.setUint8(at + 16, isResponse ? 0 : 1);
  }),
} satisfies Record<string, Function>;
