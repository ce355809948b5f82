import { BandstandError } from "../../foundation/errors/index.ts";
import { suggest } from "../../model/problem/suggest.ts";
import type { LogBuffer } from "../logs/index.ts";
import type { RunningSite } from "../site/index.ts";

/** One line of `logs`. */
export interface ShownLine {
  /** Milliseconds since 1970; of components only. */
  time?: number;
  /** `default/page`, or pod and container. */
  source: string;
  /** A level for components, stdout or stderr for containers. */
  stream: string;
  text: string;
}

/**
 * Lines of the component or workload that `name` in the query says, of the past and with `follow` as they come.
 * Throws `usage` at once where nothing has the name.
 */
export function shownLines(
  site: RunningSite,
  componentLogs: LogBuffer,
  query: URLSearchParams,
  signal: AbortSignal,
): AsyncIterable<ShownLine> {
  const target = findTarget(site, query.get("name") ?? "");
  const [tail, follow] = [Number(query.get("tail") ?? 100), query.get("follow") === "true"];
  const options = { tail, follow, signal };
  if (target.type === "component") return ofComponent(target.id, componentLogs, options);
  return ofContainers(site, target, options);
}

interface Options {
  tail: number;
  follow: boolean;
  signal: AbortSignal;
}

async function* ofComponent(id: string, logs: LogBuffer, options: Options): AsyncGenerator<ShownLine> {
  for await (const { time, level, message } of logs.read(id, options)) {
    yield { time, source: id, stream: level, text: message };
  }
}

async function* ofContainers(site: RunningSite, target: Workload, options: Options): AsyncGenerator<ShownLine> {
  const { namespace, name } = target;
  for await (const line of site.containerLogs(name, { namespace, ...options })) {
    yield { source: `${line.pod}/${line.container}`, stream: line.stream, text: line.text };
  }
}

interface Workload {
  type: "workload";
  namespace: string;
  name: string;
}

function findTarget(site: RunningSite, wanted: string): { type: "component"; id: string } | Workload {
  const { components, workloads } = site.status();
  const is = ({ namespace, name }: { namespace: string; name: string }): boolean =>
    wanted === name || wanted === `${namespace}/${name}`;
  const component = components.find(is);
  if (component !== undefined) return { type: "component", id: `${component.namespace}/${component.name}` };
  const workload = workloads.find(is);
  if (workload !== undefined) return { type: "workload", namespace: workload.namespace, name: workload.name };
  const names = [...components, ...workloads].map(({ name }) => name);
  const near = suggest(wanted, names);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new BandstandError("usage", `nothing that has logs is called ${wanted}${hint}`, {
    remedy: names.length === 0 ? "The site has no component and no workload." : `It has ${names.join(", ")}.`,
  });
}
