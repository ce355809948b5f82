export type {
  Body,
  BodyStream,
  Handler,
  HttpRequest,
  HttpResponse,
  RawHeaders,
  RequestContext,
  Upgrade,
  WireLines,
} from "./message.ts";
export { isStream } from "./message.ts";
