import { isStream } from "../../../foundation/http/index.ts";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { Exchange } from "./exchange.ts";
import { Fields, isToken } from "./fields.ts";
import { Content } from "./content.ts";
import { declaredLength } from "./fields.ts";
import {
  IncomingBody,
  IncomingRequest,
  OutgoingBody,
  OutgoingRequest,
  RequestOptions,
  sourceOf,
  type Timeout,
} from "./resources.ts";
import { addBody, methodAt, putHandle, putMethod, putOptionalText, putScheme, schemeAt } from "./values.ts";

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

/** A form that texts have to have. The last one that had it is known: guests set the same ones again and again. */
export class Form {
  readonly #form: RegExp;
  #last = "";

  constructor(form: RegExp) {
    this.#form = form;
  }

  fits(text: string): boolean {
    if (text !== "" && text === this.#last) return true;
    if (!this.#form.test(text)) return false;
    this.#last = text;
    return true;
  }
}

/** Visible ASCII without what would end a target or begin a fragment. RFC 9112, section 3.2.1. */
const targetForm = new Form(/^(?:[/?][!-"$-~]*|\*)?$/);
/** A host, and a port up to 65535. */
export const authorityForm = new Form(
  /^(?:[!$&'()*+,;=%\-.0-9A-Z_a-z~]+|\[[0-9A-Fa-f:.]+\])(?::(?:[0-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?$/,
);
export const schemeForm = new Form(/^[a-z][a-z0-9+.-]*$/i);

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
    return guest.handles.addAs("fields", new Fields(request.headers, false, true), handle, false);
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

const failed = 1;
const done = 0;

export const outgoingRequest = {
  "[constructor]outgoing-request": host("i:i", (guest) => (headers: number) => {
    const fields = guest.handles.take<Fields>(headers, "fields");
    return guest.handles.addAs("outgoing-request", new OutgoingRequest(fields.frozen()), 0, true);
  }),
  "[method]outgoing-request.body": host("ii", (guest, memory) => (handle: number, result: number) => {
    const request = outgoing(guest, handle);
    const length = declaredLength(request.fields);
    if (request.content !== undefined || length === "invalid") return putHandle(memory, result, undefined);
    const lengthError = "HTTP-request-body-size";
    const writer = { notify: () => guest.notify(), wrote: () => {} };
    const content = (request.content = new Content(length, writer, lengthError));
    putHandle(memory, result, addBody(guest, new OutgoingBody(content, guest, lengthError)));
  }),
  "[method]outgoing-request.method": host("ii", (guest, memory) => (handle: number, result: number) => {
    putMethod(memory, result, outgoing(guest, handle).method);
  }),
  "[method]outgoing-request.set-method": host(
    "iiii:i",
    (guest, memory) => (handle: number, place: number, pointer: number, size: number) => {
      const method = methodAt(guest, memory, place, pointer, size);
      if (!isToken(method)) return failed;
      outgoing(guest, handle).method = method;
      return done;
    },
  ),
  "[method]outgoing-request.path-with-query": host("ii", (guest, memory) => (handle: number, result: number) => {
    putOptionalText(memory, result, outgoing(guest, handle).target);
  }),
  "[method]outgoing-request.set-path-with-query": host(
    "iiii:i",
    (guest, memory) => (handle: number, some: number, pointer: number, size: number) => {
      const text = some === 0 ? undefined : memory.text(pointer, size);
      if (text !== undefined && !targetForm.fits(text)) return failed;
      outgoing(guest, handle).target = text;
      return done;
    },
  ),
  "[method]outgoing-request.scheme": host("ii", (guest, memory) => (handle: number, result: number) => {
    putScheme(memory, result, outgoing(guest, handle).scheme);
  }),
  "[method]outgoing-request.set-scheme": host(
    "iiiii:i",
    (guest, memory) => (handle: number, some: number, place: number, pointer: number, size: number) => {
      const scheme = some === 0 ? undefined : schemeAt(guest, memory, place, pointer, size);
      if (scheme !== undefined && !schemeForm.fits(scheme)) return failed;
      outgoing(guest, handle).scheme = scheme;
      return done;
    },
  ),
  "[method]outgoing-request.authority": host("ii", (guest, memory) => (handle: number, result: number) => {
    putOptionalText(memory, result, outgoing(guest, handle).authority);
  }),
  "[method]outgoing-request.set-authority": host(
    "iiii:i",
    (guest, memory) => (handle: number, some: number, pointer: number, size: number) => {
      const text = some === 0 ? undefined : memory.text(pointer, size);
      if (text !== undefined && !authorityForm.fits(text)) return failed;
      outgoing(guest, handle).authority = text;
      return done;
    },
  ),
  "[method]outgoing-request.headers": host("i:i", (guest) => (handle: number) => {
    const request = outgoing(guest, handle);
    return guest.handles.addAs("fields", new Fields(request.fields.list, false, true), handle, false);
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
