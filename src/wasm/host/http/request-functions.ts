import { isStream } from "../../../foundation/http/index.ts";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { Exchange } from "./exchange.ts";
import { Fields } from "./fields.ts";
import { Content } from "./content.ts";
import { declaredLength } from "./fields.ts";
import { Form, requestProperties } from "./request-properties.ts";
import {
  IncomingBody,
  IncomingRequest,
  OutgoingBody,
  OutgoingRequest,
  RequestOptions,
  sourceOf,
  type Timeout,
} from "./resources.ts";
import { addBody, putHandle, putMethod, putOptionalText, putScheme } from "./values.ts";

/** The request behind an `incoming-request`. Its resource outlives it only where an instance is used again. */
function incoming(guest: Guest, handle: number): Exchange {
  guest.handles.get<IncomingRequest>(handle, "incoming-request");
  return guest.exchange ?? outOfRequest(guest);
}

function outOfRequest(guest: Guest): never {
  throw guest.fail("component-trapped", "used a request while it starts");
}

function outgoing(guest: Guest, handle: number): OutgoingRequest {
  return guest.handles.get<OutgoingRequest>(handle, "outgoing-request");
}

/** Visible ASCII without what would end a target or begin a fragment. RFC 9112, section 3.2.1. */
const targetForm = new Form(/^(?:[/?][!-"$-~]*|\*)?$/);
/** A host, and a port up to 65535. */
export const authorityForm = new Form(
  /^(?:[!$&'()*+,;=%\-.0-9A-Z_a-z~]+|\[[0-9A-Fa-f:.]+\])(?::(?:[0-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?$/,
);

export const incomingRequest = {
  "[method]incoming-request.method": host("ii", (guest, memory) => (handle: number, result: number) => {
    putMethod(memory, result, incoming(guest, handle).request.method);
  }),
  "[method]incoming-request.path-with-query": host("ii", (guest, memory) => (handle: number, result: number) => {
    putOptionalText(memory, result, incoming(guest, handle).request.target);
  }),
  "[method]incoming-request.scheme": host("ii", (guest, memory) => (handle: number, result: number) => {
    putScheme(memory, result, incoming(guest, handle).request.scheme);
  }),
  "[method]incoming-request.authority": host("ii", (guest, memory) => (handle: number, result: number) => {
    putOptionalText(memory, result, incoming(guest, handle).request.authority);
  }),
  "[method]incoming-request.headers": host("i:i", (guest) => (handle: number) => {
    const { request } = incoming(guest, handle);
    return guest.handles.addAs("fields", Fields.received(request), handle, false);
  }),
  "[method]incoming-request.consume": host("ii", (guest, memory) => (handle: number, result: number) => {
    const exchange = incoming(guest, handle);
    const owner = guest.handles.get<IncomingRequest>(handle, "incoming-request");
    if (owner.consumed) return putHandle(memory, result, undefined);
    owner.consumed = true;
    const { body } = exchange.request;
    // What is read from a stream cannot be read again.
    if (isStream(body) && guest.entry !== "waiting") throw guest.cannotWait();
    const made = new IncomingBody(sourceOf(body, guest, exchange), body);
    putHandle(memory, result, guest.handles.addAs("incoming-body", made, 0, isStream(body)));
  }),
} satisfies Record<string, Function>;

const done = 0;

export const outgoingRequest = {
  ...requestProperties({
    resource: "outgoing-request",
    getter: "",
    requestOf: outgoing,
    targetOf: (text) => (targetForm.fits(text) ? text : undefined),
    fitsAuthority: (text) => authorityForm.fits(text),
  }),
  "[constructor]outgoing-request": host("i:i", (guest) => (headers: number) => {
    const fields = guest.handles.take<Fields>(headers, "fields");
    return guest.handles.addAs("outgoing-request", new OutgoingRequest(fields.frozen()), 0, true);
  }),
  "[method]outgoing-request.body": host("ii", (guest, memory) => (handle: number, result: number) => {
    const request = outgoing(guest, handle);
    const length = declaredLength(request.fields);
    const { exchange } = guest;
    if (request.content !== undefined || length === "invalid" || exchange === undefined) {
      return putHandle(memory, result, undefined);
    }
    const lengthError = "HTTP-request-body-size";
    const writer = exchange.sending(() => guest.notify());
    const content = (request.content = new Content(length, writer, lengthError));
    putHandle(memory, result, addBody(guest, new OutgoingBody(content, guest, lengthError)));
  }),
  "[method]outgoing-request.headers": host("i:i", (guest) => (handle: number) => {
    const request = outgoing(guest, handle);
    return guest.handles.addAs("fields", request.fields.view(), handle, false);
  }),
} satisfies Record<string, Function>;

function options(guest: Guest, handle: number): RequestOptions {
  return guest.handles.get<RequestOptions>(handle, "request-options");
}

function getTimeout(timeout: Timeout): Function {
  return host("ii", (guest, memory) => (handle: number, result: number) => {
    const value = options(guest, handle).timeouts[timeout];
    const at = memory.at(result, 16, 8);
    memory.view.setUint8(at, value === undefined ? 0 : 1);
    if (value !== undefined) memory.view.setBigUint64(at + 8, value, true);
  });
}

function setTimeoutOf(timeout: Timeout): Function {
  return host("iiI:i", (guest) => (handle: number, some: number, value: bigint) => {
    options(guest, handle).timeouts[timeout] = some === 0 ? undefined : BigInt.asUintN(64, value);
    return done;
  });
}

export const requestOptions = {
  "[constructor]request-options": host(":i", (guest) => () => guest.handles.add(new RequestOptions())),
  "[method]request-options.connect-timeout": getTimeout("connect"),
  "[method]request-options.set-connect-timeout": setTimeoutOf("connect"),
  "[method]request-options.first-byte-timeout": getTimeout("first-byte"),
  "[method]request-options.set-first-byte-timeout": setTimeoutOf("first-byte"),
  "[method]request-options.between-bytes-timeout": getTimeout("between-bytes"),
  "[method]request-options.set-between-bytes-timeout": setTimeoutOf("between-bytes"),
} satisfies Record<string, Function>;
