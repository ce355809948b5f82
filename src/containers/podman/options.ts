import type { Logger } from "../../foundation/log/index.ts";

export interface PodmanOptions {
  site: string;
  /** The site's own folder; pod files and the socket of our service go below `podman/`. */
  stateDirectory: string;
  logger: Logger;
  /** Namespaces whose pods may leave the Pod Security Standards' baseline; none where not given. */
  allowPrivileged?: readonly string[];
  /** Podman's store, where it is not the user's own: then always a service of ours. */
  root?: string;
  runroot?: string;
  /** Program to start; `podman` where not given. */
  program?: string;
  /** Environment that says where Podman listens; the process's where not given. */
  environment?: Record<string, string | undefined>;
}
