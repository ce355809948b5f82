import { Pipe, type HostBytes } from "../../async/index.ts";
import type { OutputSink } from "../io/index.ts";

/**
 * Lets all bytes of a stream that the guest handed over go into a sink which always has room, or is closed.
 * @param done called once at the end of the stream, or where the sink closes before it, with why it broke.
 */
export function pour(origin: Pipe | HostBytes, sink: OutputSink, done: (failure: unknown) => void): void {
  if (origin instanceof Pipe) origin.attach(sink, () => done(sink.failure));
  else void pump(origin, sink, done);
}

/** What the host gave goes on to the host again; nothing of the guest runs for it. */
async function pump(origin: HostBytes, sink: OutputSink, done: (failure: unknown) => void): Promise<void> {
  try {
    for (let piece = await origin.pull(); piece !== undefined; piece = await origin.pull()) {
      sink.push(piece);
      if (sink.room() !== undefined) continue;
      origin.closeReader();
      break;
    }
    done(sink.failure);
  } catch (error) {
    done(error);
  }
}
