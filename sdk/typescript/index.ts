// The SDK of Bandstand for components in TypeScript:
//
//   import { serve } from "@bandstand/sdk";
//
//   serve((request) => new Response(`Hello, ${new URL(request.url).pathname}\n`));

/** Answers one request. What it throws becomes a 500 without details, and a line in the log. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** Makes this component answer requests. Call it once, at the top level: that runs when the component is built. */
export function serve(handler: Handler): void {
  addEventListener("fetch", (event) => {
    event.respondWith(answer(handler, event.request));
  });
}

async function answer(handler: Handler, request: Request): Promise<Response> {
  try {
    return await handler(request);
  } catch (error) {
    console.error(error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error));
    return new Response("internal error\n", { status: 500, headers: { "content-type": "text/plain" } });
  }
}

/** What `next` may change on the way. */
export interface NextOptions {
  /** Instead of the request's own headers. */
  headers?: Headers;
}

/**
 * Middleware: sends the request on to the next stage, its body streamed behind, and gives its response.
 * Once a request; rejects where this component is the last stage.
 */
export function next(request: Request, options: NextOptions = {}): Promise<Response> {
  const { protocol, pathname, search } = new URL(request.url);
  const bodyless = request.method === "GET" || request.method === "HEAD";
  return fetch(`${protocol}//next.bandstand.internal${pathname}${search}`, {
    method: request.method,
    headers: options.headers ?? request.headers,
    ...(bodyless ? {} : { body: request.body, duplex: "half" }),
  });
}
