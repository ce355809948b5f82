// What the engine offers beyond the types of a web worker.

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}

declare function addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;

interface RequestInit {
  /** Needed with a streamed body. */
  duplex?: "half";
}

declare module "wasi:config/store@0.2.0-rc.1" {
  export function get(key: string): string | undefined;
}
