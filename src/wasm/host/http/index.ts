import { BandstandError } from "../../../foundation/errors/index.ts";
import { host, type HostInterface } from "../define.ts";
import type { IoError } from "../io/index.ts";
import { futureTrailers, incomingBody, outgoingBody } from "./body-functions.ts";
import { errorCodeSize, httpErrorOf, putErrorCode } from "./error-code.ts";
import { fields } from "./fields-functions.ts";
import { incomingRequest, outgoingRequest, requestOptions } from "./request-functions.ts";
import { futureIncomingResponse, incomingResponse, outgoingResponse, responseOutparam } from "./response-functions.ts";
import { outgoingHandler } from "./send.ts";

/** https://github.com/WebAssembly/wasi-http */
export const http: Record<string, HostInterface> = {
  "wasi:http/types": {
    functions: {
      // option<error-code>: what it carries at 8.
      "http-error-code": host("ii", (guest, memory) => (handle: number, result: number) => {
        const { cause } = guest.handles.get<IoError>(handle, "error");
        const at = memory.at(result, 8 + errorCodeSize, 8);
        const isHttp = cause instanceof BandstandError;
        memory.view.setUint8(at, isHttp ? 1 : 0);
        if (isHttp) putErrorCode(memory, at + 8, httpErrorOf(cause));
      }),
      ...fields,
      ...incomingRequest,
      ...outgoingRequest,
      ...requestOptions,
      ...responseOutparam,
      ...incomingResponse,
      ...incomingBody,
      ...futureTrailers,
      ...outgoingResponse,
      ...outgoingBody,
      ...futureIncomingResponse,
    },
    resources: [
      "fields",
      "incoming-request",
      "outgoing-request",
      "request-options",
      "response-outparam",
      "incoming-response",
      "incoming-body",
      "future-trailers",
      "outgoing-response",
      "outgoing-body",
      "future-incoming-response",
    ],
  },
  "wasi:http/outgoing-handler": outgoingHandler,
};
