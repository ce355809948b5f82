import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { Fields } from "../http/fields.ts";
import { authorityForm } from "../http/request-functions.ts";
import { Form, requestProperties } from "../http/request-properties.ts";
import { RequestOptions, type Timeout } from "../http/resources.ts";
import { addFuture, bodyOf, ignoreFuture, putBody } from "./bodies.ts";
import { putHandles } from "./hand-over.ts";
import { Request } from "./messages.ts";

/** Whatever is no control, space or fragment; what cannot be sent as it is, is refused or encoded when it is sent. */
// oxlint-disable-next-line no-control-regex -- controls are what it is about
const targetForm = new Form(/^[^\x00-\x20#<>`\x7f]*$/);

/** User and password before an authority, with the sign behind them: they may be set, and are refused when it is sent. */
export function userOf(authority: string): string {
  return /^[!$&'()*+,;=%\-.0-9:A-Z_a-z~]*@/.exec(authority)?.[0] ?? "";
}

function requestAt(guest: Guest, handle: number): Request {
  return guest.handles.get<Request>(handle, "request");
}

export const request = {
  ...requestProperties({
    resource: "request",
    getter: "get-",
    requestOf: requestAt,
    targetOf: (text) => (targetForm.fits(text) ? text || "/" : undefined),
    fitsAuthority: (text) => authorityForm.fits(text.slice(userOf(text).length)),
  }),
  "[static]request.new": host(
    "iiiiiii",
    (guest, memory) =>
      (
        headers: number,
        some: number,
        stream: number,
        trailers: number,
        has: number,
        chosen: number,
        result: number,
      ) => {
        const fields = guest.handles.take<Fields>(headers, "fields").frozen();
        const options = has === 0 ? undefined : guest.handles.take<RequestOptions>(chosen, "request-options");
        const made = bodyOf(guest, {
          fields,
          stream: some === 0 ? undefined : stream,
          trailers,
          lengthError: "HTTP-request-body-size",
          writer: guest.exchange?.sending(),
        });
        const request = new Request(fields, made.body, made);
        request.options = options;
        putHandles(memory, result, guest.handles.add(request), addFuture(guest, made.sent));
      },
  ),
  "[method]request.get-options": host("ii", (guest, memory) => (handle: number, result: number) => {
    const { options } = requestAt(guest, handle);
    const at = memory.at(result, 8, 4);
    memory.view.setUint8(at, options === undefined ? 0 : 1);
    if (options !== undefined) memory.view.setUint32(at + 4, guest.handles.add(copyOf(options, true)), true);
  }),
  "[method]request.get-headers": host("i:i", (guest) => (handle: number) => {
    return guest.handles.add(requestAt(guest, handle).fields.view());
  }),
  "[static]request.consume-body": host("iii", (guest, memory) => (handle: number, sent: number, result: number) => {
    ignoreFuture(guest, sent);
    const { exchange } = guest;
    const request = guest.handles.take<Request>(handle, "request");
    putBody(guest, memory, request, result, request.sent === undefined ? exchange : undefined);
  }),
} satisfies Record<string, Function>;

/** Options of a request that exists already cannot be set. */
class FixedOptions extends RequestOptions {}

function copyOf(options: RequestOptions, isFixed: boolean): RequestOptions {
  const copy = isFixed ? new FixedOptions() : new RequestOptions();
  Object.assign(copy.timeouts, options.timeouts);
  return copy;
}

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

/** A `result` with a `request-options-error`: the case at 4. */
function setTimeoutOf(timeout: Timeout): Function {
  return host("iiIi", (guest, memory) => (handle: number, some: number, value: bigint, result: number) => {
    const found = options(guest, handle);
    const at = memory.at(result, 20, 4);
    const isFixed = found instanceof FixedOptions;
    memory.view.setUint8(at, isFixed ? 1 : 0);
    if (isFixed) memory.view.setUint8(at + 4, 1);
    else found.timeouts[timeout] = some === 0 ? undefined : BigInt.asUintN(64, value);
  });
}

export const requestOptions = {
  "[constructor]request-options": host(":i", (guest) => () => guest.handles.add(new RequestOptions())),
  "[method]request-options.get-connect-timeout": getTimeout("connect"),
  "[method]request-options.set-connect-timeout": setTimeoutOf("connect"),
  "[method]request-options.get-first-byte-timeout": getTimeout("first-byte"),
  "[method]request-options.set-first-byte-timeout": setTimeoutOf("first-byte"),
  "[method]request-options.get-between-bytes-timeout": getTimeout("between-bytes"),
  "[method]request-options.set-between-bytes-timeout": setTimeoutOf("between-bytes"),
  "[method]request-options.clone": host("i:i", (guest) => (handle: number) => {
    return guest.handles.add(copyOf(options(guest, handle), false));
  }),
} satisfies Record<string, Function>;
