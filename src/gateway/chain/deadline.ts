import type { BandstandError } from "../../foundation/errors/index.ts";
import { isPending, Later, type HttpResponse } from "../../foundation/http/index.ts";
import { monotonic } from "../../foundation/time/clock.ts";
import { Deadlines } from "../../foundation/time/deadlines.ts";
import { streamOf, withStream } from "../http1/read-response.ts";
import { Exchange } from "../listener/exchange.ts";
import type { Stage } from "./passage.ts";
import { WatchedBody } from "./watched-body.ts";

/**
 * Bounds a stage in time, to the end of its response's body. Past it whatever works behind the stage is
 * aborted; the stage throws the error, or the body breaks where the head was out.
 */
export function withDeadline(stage: Stage, milliseconds: number, late: () => BandstandError): Stage {
  const deadlines = new Deadlines();
  return (request, outer) => {
    const own = new Exchange(outer.remoteAddress, outer.exchange.started);
    const passage = outer.within(own);
    const result = new Later<HttpResponse>();
    const ticket = deadlines.add({
      deadline: monotonic() + milliseconds,
      expired: () => own.abort(late()),
    });
    const inTime = (): void => deadlines.remove(ticket);
    outer.onAbort((reason) => own.abort(reason));
    own.onAbort((reason) => {
      inTime();
      result.reject(reason);
    });
    const answered = (response: HttpResponse): void => {
      outer.learn(passage);
      const stream = streamOf(response);
      // Behind a 101 begins another protocol with a time of its own.
      if (stream === undefined || response.status === 101) {
        inTime();
        return result.resolve(response);
      }
      const body = new WatchedBody(stream, inTime);
      own.onAbort((reason) => body.interrupt(reason));
      result.resolve(withStream(response, body));
    };
    const failed = (error: unknown): void => {
      outer.learn(passage);
      inTime();
      result.reject(error);
    };
    try {
      const response = stage(request, passage);
      if (!isPending(response)) answered(response);
      else if (response instanceof Later) response.take(answered, failed);
      else void response.then(answered, failed);
    } catch (error) {
      failed(error);
    }
    return result;
  };
}
