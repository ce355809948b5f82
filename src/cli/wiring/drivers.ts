import { createPodmanEngine } from "../../containers/index.ts";
import type { Engine } from "../../containers/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import type { SiteState } from "../../node/state/index.ts";

/** The engine of one site on this machine; nothing is started before `open`. */
export function createEngine(state: SiteState, logger: Logger, allowPrivileged: readonly string[] = []): Engine {
  return createPodmanEngine({ site: state.site, stateDirectory: state.path, logger, allowPrivileged });
}
