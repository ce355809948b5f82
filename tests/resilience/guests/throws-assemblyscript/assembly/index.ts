// Ends in the language's own abort: an index out of bounds.
import { Request, Response } from "@bandstand/sdk";

export function handle(request: Request): Response {
  const list: i32[] = [request.target.length];
  return Response.text(list[request.target.length].toString());
}
