import type { HostInterface } from "../define.ts";
import { fields } from "./fields.ts";
import { request, requestOptions } from "./request.ts";
import { response } from "./response.ts";
import { senders } from "./send.ts";

export const http: Record<string, HostInterface> = {
  ...senders,
  "wasi:http/types": {
    functions: { ...fields, ...request, ...requestOptions, ...response },
    resources: ["fields", "request", "request-options", "response"],
  },
};
