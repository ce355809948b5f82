export type { Body, BodyStream, Handler, HttpRequest, HttpResponse, RawHeaders, RequestContext } from "./message.ts";
export { isStream } from "./message.ts";
