// Allocates in an endless loop: CPU and memory race for the limit.
import { Request, Response } from "@bandstand/sdk";

export function handle(request: Request): Response {
  let text = request.target;
  while (true) text = text.length > 1000 ? request.target : text + ".";
}
