export { BandstandError, messageOf } from "./error.ts";
export type { ErrorDefinition, ErrorOptions, ErrorSubject, Fault, Retry } from "./error.ts";
export { makeRoom, noSpace, ofSystem, withPath } from "./of-system.ts";
export { errorOf, failureOf, type Failure } from "./failure.ts";
export { definitions as errorDefinitions } from "./codes.ts";
export type { ErrorCode } from "./codes.ts";
