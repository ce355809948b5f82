import type { BandstandError } from "../../foundation/errors/index.ts";
import { isStream, type HttpResponse } from "../../foundation/http/index.ts";
import { Exchange } from "../listener/exchange.ts";
import type { Stage } from "./passage.ts";
import { WatchedBody } from "./watched-body.ts";

/**
 * Bounds a stage in time, to the end of its response's body. Past it whatever works behind the stage is
 * aborted; the stage throws the error, or the body breaks where the head was out.
 */
export function withDeadline(stage: Stage, milliseconds: number, late: () => BandstandError): Stage {
  return (request, outer) =>
    new Promise<HttpResponse>((resolve, reject) => {
      const own = new Exchange(outer.remoteAddress, outer.exchange.started);
      const passage = outer.within(own);
      const timer = setTimeout(() => own.abort(late()), milliseconds);
      outer.onAbort((reason) => own.abort(reason));
      own.onAbort((reason) => {
        clearTimeout(timer);
        reject(reason);
      });
      const start = async (): Promise<HttpResponse> => stage(request, passage);
      start()
        .finally(() => outer.learn(passage))
        .then((response) => {
          // Behind a 101 begins another protocol with a time of its own.
          if (isStream(response.body) && response.status !== 101) {
            const body = new WatchedBody(response.body, () => clearTimeout(timer));
            own.onAbort((reason) => body.interrupt(reason));
            resolve({ status: response.status, headers: response.headers, body });
          } else {
            clearTimeout(timer);
            resolve(response);
          }
        })
        .catch((error: unknown) => {
          clearTimeout(timer);
          reject(error as BandstandError);
        });
    });
}
