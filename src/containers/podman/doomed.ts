import { readFileSync } from "node:fs";
import { loggerTo } from "../../foundation/log/index.ts";
import type { ContainersPlan } from "../../model/plan/index.ts";
import { engineOver } from "../reconcile/engine.ts";
import { podmanDriver } from "./driver.ts";

// An engine in a process of its own, for tests that kill it: `node doomed.ts STATE_FOLDER PLAN_FILE`.
const [stateDirectory = "", planFile = ""] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planFile, "utf8")) as ContainersPlan;
const logger = loggerTo(() => {});
const engine = engineOver(podmanDriver({ site: plan.site, stateDirectory, logger }), { logger, drain: 0 });
await engine.open();
process.stdout.write("open\n");
await engine.apply(plan, new Map());
process.stdout.write("applied\n");
