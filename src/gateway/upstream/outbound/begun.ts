import type { BodyStream } from "../../../foundation/http/index.ts";

/** Milliseconds: most bodies that are written as they are sent begin sooner. */
const moment = 5;

/** What a stream answers when it is read. */
export type Piece = ReturnType<BodyStream["read"]>;

/** A stream of which the first piece was asked for already. */
export function begun(body: BodyStream, first: Piece): BodyStream {
  let next: { piece: Piece } | undefined = { piece: first };
  return {
    length: body.length,
    get trailers() {
      return body.trailers;
    },
    read() {
      const taken = next;
      next = undefined;
      return taken === undefined ? body.read() : taken.piece;
    },
    cancel: (reason) => body.cancel(reason),
  };
}

/** Whether it is there, or breaks, in a moment. */
export function comesSoon(piece: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, moment, false);
    const arrived = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    piece.then(arrived, arrived);
  });
}
