export type {
  Body,
  BodySink,
  BodyStream,
  Handler,
  HttpRequest,
  HttpResponse,
  RawHeaders,
  RequestContext,
  Upgrade,
} from "./message.ts";
export { isBodiless, isStream } from "./message.ts";
export { afterwards, isPending, Later, take, type LaterTaker, type Pending } from "./later.ts";
export { OnwardRequest, type Headed } from "./onward.ts";
export { isInPlace, keepPiece, mostLent, returnPiece } from "./places.ts";
