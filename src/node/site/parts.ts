import type { Logger } from "../../foundation/log/index.ts";
import type { Engine } from "../../containers/engine.ts";
import type { ErrorSubject } from "../../foundation/errors/index.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { Position, Problem } from "../../model/index.ts";
import type { SecretValues, SitePlan } from "../../model/plan/index.ts";

/** What a site is served by; whoever starts one chooses the drivers. */
export interface SiteParts {
  gateway: Gateway;
  /** Made only where the plan has containers: a site without any needs no engine. */
  createEngine(): Engine;
  logger: Logger;
  /** Milliseconds that the first start waits for services that routes name. Default 60 s. */
  readyPatience?: number;
}

/** One desired state. */
export interface Desired {
  plan: SitePlan;
  secrets: SecretValues;
  /** Warnings only: a plan with errors is not served. */
  problems: readonly Problem[];
  /** Where in the YAML what an error is about stands. */
  locate(subject: ErrorSubject): Position | undefined;
}
