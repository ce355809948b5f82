import { host, type Function } from "../define.ts";
import { InputStream, OutputStream, PollableOn } from "../io/index.ts";
import { putErrorCode } from "./error-code.ts";
import { httpErrorOf } from "./error-code.ts";
import { Fields } from "./fields.ts";
import { FutureTrailers, type IncomingBody, type OutgoingBody } from "./resources.ts";
import { putHandle } from "./values.ts";

export const incomingBody = {
  "[method]incoming-body.stream": host("ii", (guest, memory) => (handle: number, result: number) => {
    const body = guest.handles.get<IncomingBody>(handle, "incoming-body");
    if (body.streamed) return putHandle(memory, result, undefined);
    body.streamed = true;
    putHandle(memory, result, guest.handles.addAs("input-stream", new InputStream(body.source, true), handle, false));
  }),
  "[static]incoming-body.finish": host("i:i", (guest) => (handle: number) => {
    return guest.handles.add(new FutureTrailers(guest.handles.take<IncomingBody>(handle, "incoming-body")));
  }),
} satisfies Record<string, Function>;

export const futureTrailers = {
  "[method]future-trailers.subscribe": host("i:i", (guest) => (handle: number) => {
    const future = guest.handles.get<FutureTrailers>(handle, "future-trailers");
    return guest.handles.addAs("pollable", new PollableOn(future), handle, false);
  }),
  // option<result<result<option<trailers>, error-code>>>: the cases at 0, 8 and 16, what they carry at 24.
  "[method]future-trailers.get": host("ii", (guest, memory) => (handle: number, result: number) => {
    const future = guest.handles.get<FutureTrailers>(handle, "future-trailers");
    const at = memory.at(result, 56, 8);
    const ready = future.ready();
    memory.view.setUint8(at, ready ? 1 : 0);
    if (!ready) return;
    memory.view.setUint8(at + 8, future.taken ? 1 : 0);
    if (future.taken) return;
    future.taken = true;
    const { failure } = future.body.source;
    memory.view.setUint8(at + 16, failure === undefined ? 0 : 1);
    if (failure !== undefined) return putErrorCode(memory, at + 24, httpErrorOf(failure));
    const { trailers } = future.body;
    memory.view.setUint8(at + 24, trailers === undefined ? 0 : 1);
    if (trailers !== undefined)
      memory.view.setUint32(at + 28, guest.handles.add(Fields.received({ headers: trailers })), true);
  }),
} satisfies Record<string, Function>;

export const outgoingBody = {
  "[method]outgoing-body.write": host("ii", (guest, memory) => (handle: number, result: number) => {
    const body = guest.handles.get<OutgoingBody>(handle, "outgoing-body");
    if (body.streamed) return putHandle(memory, result, undefined);
    body.streamed = true;
    putHandle(
      memory,
      result,
      guest.handles.addAs("output-stream", new OutputStream(body.content, true), handle, false),
    );
  }),
  "[static]outgoing-body.finish": host(
    "iiii",
    (guest, memory) => (handle: number, some: number, trailers: number, result: number) => {
      const body = guest.handles.take<OutgoingBody>(handle, "outgoing-body");
      const list = some === 0 ? undefined : guest.handles.take<Fields>(trailers, "fields").list;
      const at = memory.at(result, 40, 8);
      const wrong = body.content.finish(list);
      guest.exchange?.sendPending();
      memory.view.setUint8(at, wrong === undefined ? 0 : 1);
      if (wrong !== undefined) putErrorCode(memory, at + 8, { name: body.lengthError, size: wrong });
    },
  ),
} satisfies Record<string, Function>;
