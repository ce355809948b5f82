import type { Socket } from "node:net";

/** A connection on which nothing moved in either direction for so long is over. Milliseconds. */
const idle = 3_600_000;

/**
 * Joins two connections: what one end says the other hears, at the pace that it takes it; an end of one side is told to the other,
 * which may still speak. Where one breaks, both are ended.
 * @param over is told once, when both are closed.
 */
export function relay(client: Socket, backend: Socket, over: () => void): void {
  let open = 2;
  for (const [one, other] of [
    [client, backend],
    [backend, client],
  ] as const) {
    one.setTimeout(idle, () => other.destroy());
    one.on("error", () => other.destroy());
    one.once("close", () => {
      // What was cut short must not look like an end.
      if (!one.readableEnded || one.errored) other.destroy();
      if (--open === 0) over();
    });
    if (one.destroyed) other.destroy();
  }
  client.pipe(backend);
  backend.pipe(client);
}
