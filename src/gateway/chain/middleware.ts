import { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpResponse } from "../../foundation/http/index.ts";
import type { LoadedComponent } from "../../wasm/runtime.ts";
import { answerFor } from "./answer.ts";
import { afterwards, type Passage, type Stage } from "./passage.ts";

/** A component before the rest of the chain. */
export function middleware(component: LoadedComponent, next: Stage): Stage {
  return (request, passage) =>
    component.handle(request, passage, (onward, context) => {
      const part = passage.under(context);
      return answered(
        () => next(onward, part),
        (response) => {
          if (part !== passage) passage.learn(part);
          return response;
        },
        passage,
      );
    });
}

/**
 * What the rest of the chain throws reaches the middleware as the answer that the client would have got: it may
 * shape that too, and the status stays what it is however the component treats errors.
 */
function answered(
  run: () => HttpResponse | Promise<HttpResponse>,
  learn: (response: HttpResponse) => HttpResponse,
  passage: Passage,
): HttpResponse | Promise<HttpResponse> {
  const failed = (error: unknown): HttpResponse => {
    if (!(error instanceof BandstandError)) throw error;
    return learn(answerFor(error, passage.id));
  };
  try {
    const response = afterwards(run(), learn);
    return response instanceof Promise ? response.catch(failed) : response;
  } catch (error) {
    return failed(error);
  }
}
