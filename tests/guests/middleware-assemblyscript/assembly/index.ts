// Passes everything on and back, streaming in both directions, and adds one header to the answer.
import { next, Request, Response } from "@bandstand/sdk";

export function handle(request: Request): Response {
  const response = next(request);
  response.headers.set("x-middleware", "assemblyscript");
  return response;
}
