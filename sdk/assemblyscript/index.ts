// The SDK of Bandstand for components in AssemblyScript. Write one function:
//
//   import { Request, Response } from "@bandstand/sdk";
//
//   export function handle(request: Request): Response {
//     return Response.text("Hello\n");
//   }

export { Header, Headers } from "./headers";
export { Request } from "./request";
export { Response } from "./response";
export { fetch, next } from "./next";
export { config, log, now } from "./around";
export { equalInConstantTime, hmacSha256, sha256 } from "./sha256";
export { decodeBase64url } from "./base64url";
export { Json, JsonKind, quote } from "./json";
export { decodeUtf8, utf8 } from "./utf8";
