import { parentPort, workerData } from "node:worker_threads";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type HttpResponse } from "../../../foundation/http/index.ts";
import { loggerTo } from "../../../foundation/log/index.ts";
import { usualCounts, type ComponentPlan } from "../../../model/plan/index.ts";
import type { Prepared } from "../../prepare/prepared.ts";
import { nobodysRequest } from "../../host/nobodys-request.ts";
import type { LoadedComponent } from "../../runtime.ts";
import { v8Runtime } from "./runtime.ts";

/** Entry of the thread that tries out a component: see `trial.ts`. */
const prepared = workerData as Prepared;

const plan: ComponentPlan = {
  id: "trial/component",
  digest: prepared.digest,
  isolation: "reuse",
  runtime: "v8",
  limits: { memory: 256 << 20, cpu: 2000, wall: 4000, requestBody: 1 << 20, responseBody: 10 << 20, ...usualCounts },
  capabilities: { http: [], services: [], keyValue: [] },
  config: {},
  identityHeaders: [],
};

/** By the state of the instance: anything else, a limit or a mistake in the request, may be otherwise the next time. */
const broken = new Set(["component-no-answer", "component-trapped"]);

/** How a request ends that nobody made. */
async function outcome(component: LoadedComponent): Promise<"answered" | "broken" | "unclear"> {
  const context = { id: "trial", remoteAddress: "127.0.0.1", onAbort: () => {} };
  const request = nobodysRequest();
  const next = (): HttpResponse => ({ status: 200, headers: [], body: undefined });
  try {
    const { body } = await component.handle(request, context, next);
    if (body !== undefined && isStream(body)) while ((await body.read()) !== undefined);
    return "answered";
  } catch (error) {
    return error instanceof BandstandError && broken.has(error.code) ? "broken" : "unclear";
  }
}

async function answersOnce(): Promise<boolean> {
  const component = await v8Runtime.load(plan, prepared, {
    logger: loggerTo(() => {}),
    config: new Map(),
    fetch: async () => {
      throw new BandstandError("component-denied", "nobody is reached from a trial");
    },
  });
  // The second in the instance of the first, and the third in a new one: what broke is not kept. One that does not answer the
  // first is not asked again: it may take all of its time again.
  for (const due of ["answered", "broken", "answered"]) if ((await outcome(component)) !== due) return false;
  return true;
}

// Not awaited here: who gets the answer ends this thread, which must not be in the middle of loading this module then.
void answersOnce()
  .catch(() => false)
  .then((answer) => parentPort!.postMessage(answer));
