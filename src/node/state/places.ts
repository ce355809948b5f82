import { join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where state stands, one folder a site in it: `$BANDSTAND_STATE`, else `$XDG_STATE_HOME/bandstand`. */
export function stateRoot(environment: Environment): { path: string; chosen: boolean } {
  const chosen = environment["BANDSTAND_STATE"];
  if (chosen !== undefined && chosen !== "") return { path: resolve(chosen), chosen: true };
  const base = environment["XDG_STATE_HOME"];
  // XDG's own rule: what is not absolute is ignored.
  const home = base?.startsWith("/") ? base : join(homeOf(environment), ".local/state");
  return { path: join(home, "bandstand"), chosen: false };
}

/** What can be made again: `$XDG_CACHE_HOME/bandstand`. */
export function cachePlaces(environment: Environment): { prepared: string } {
  const base = environment["XDG_CACHE_HOME"];
  const home = base?.startsWith("/") ? base : join(homeOf(environment), ".cache");
  return { prepared: join(home, "bandstand", "prepared") };
}

/** Never the folder that one stands in, which an empty HOME would be. */
function homeOf({ HOME: home }: Environment): string {
  if (home?.startsWith("/")) return home;
  const { tmpdir, userInfo } = process.getBuiltinModule("node:os");
  try {
    return userInfo().homedir;
  } catch {
    // A user whom the system has no entry for.
    return tmpdir();
  }
}

/** Files and folders in a site's state. */
export const places = {
  lock: "lock",
  /** Who runs now: only true while the lock is held. */
  process: "process.json",
  /** Which folder the site is, and what it left. */
  record: "site.json",
  admin: "admin.sock",
  prepared: "prepared",
  built: "built",
  sessionKey: "session-key",
  /** What components keep. */
  keyValue: "key-value.sqlite",
  /** Output of a detached process. */
  output: "output.log",
} as const;
