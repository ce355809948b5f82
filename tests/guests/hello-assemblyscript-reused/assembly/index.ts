import { Request, Response } from "@bandstand/sdk";

export function handle(request: Request): Response {
  return Response.text("Hello from AssemblyScript\n");
}
