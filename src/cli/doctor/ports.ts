import { shellWord } from "../../foundation/files/index.ts";
import type { Problem } from "../../model/index.ts";
import { SiteClient } from "../../node/admin/index.ts";
import { failureToBind } from "../../foundation/network/index.ts";
import { authority } from "../../node/site/index.ts";
import { SiteState } from "../../node/state/index.ts";
import type { Finding } from "./finding.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a site would listen. */
export interface Listening {
  /** The site's folder without links. */
  folder: string;
  ports: readonly { address: string; port: number }[];
  /** Addresses that are not this machine's, each as the planner says it. */
  unserved: readonly Problem[];
}

/** Whether the site's listeners could be opened now, or are open already. */
export async function examinePorts(
  { folder, ports, unserved }: Listening,
  environment: Environment,
): Promise<Finding[]> {
  const findings: Finding[] = unserved.map(({ message, remedy, resource }) => ({
    subject: "addresses",
    state: "missing",
    message: `${resource}: ${message}`,
    fix: remedy,
  }));
  const users = await runningSites(environment);
  // One after the other: 0.0.0.0 and 127.0.0.1 on one port are no conflict for us, but would be for two of these.
  for (const [place, { address, port }] of new Map(ports.map((each) => [authority(each.address, each.port), each]))) {
    const subject = `port ${place}`;
    const code = (await failureToBind(address, port))?.code;
    if (code === undefined) findings.push({ subject, state: "ok", message: "free" });
    else if (code === "EADDRINUSE") findings.push({ subject, ...usedBy(users.get(place), folder, port) });
    else findings.push({ subject, state: "problem", message: `cannot be bound: ${code}`, fix: fixOf(code) });
  }
  return findings;
}

/** A site that is being served. */
interface Running {
  site: string;
  pid: number | undefined;
  folder: string;
}

function usedBy(user: Running | undefined, folder: string, port: number): Omit<Finding, "subject"> {
  if (user === undefined) {
    const fix = `Stop that process (ss -ltnp 'sport = :${port}' names it), or change the listener's port.`;
    return { state: "problem", message: "used by another process", fix };
  }
  const by = user.pid === undefined ? "" : ` (process ${user.pid})`;
  if (user.folder === folder) return { state: "ok", message: `served by this site, which is up${by}` };
  const fix = `Change the listener's port, or stop that site: bandstand down ${shellWord(user.folder)}`;
  return { state: "problem", message: `used by site ${user.site}, which is up${by}`, fix };
}

/** Sites that are up, by every place that they listen on. One that does not answer holds none for sure. */
async function runningSites(environment: Environment): Promise<Map<string, Running>> {
  const names = await SiteState.names(environment);
  const found = names.map(async (name): Promise<[string, Running][]> => {
    const state = await SiteState.find(name, environment);
    const holder = await state?.holder();
    if (state === undefined || holder === undefined) return [];
    const running = { site: name, pid: holder.pid, folder: (await state.record())?.folder ?? name };
    const { listeners } = await new SiteClient(state.at("admin")).status();
    return listeners.map(({ address }) => [address, running]);
  });
  return new Map((await Promise.all(found.map((each) => each.catch(() => [])))).flat());
}

function fixOf(code: string): string {
  return code === "EACCES"
    ? "Use a port above 1023, or as root: sysctl net.ipv4.ip_unprivileged_port_start=80"
    : "Correct spec.addresses of the Gateway.";
}
