import type { Compression } from "../../../model/plan/index.ts";
import { nameOf, type Report } from "../report.ts";
import type { PlannedListener } from "./listener.ts";
import type { PlannedListeners } from "./listeners.ts";

const annotation = "bandstand.dev/compression";
const known: readonly Compression[] = ["zstd", "br", "gzip"];

/** What the annotation of a Gateway, a ListenerSet or an HTTPRoute says: encodings in the order of preference, or `off`. */
export function compressionOf(
  resource: {
    kind: string;
    metadata: { name: string; namespace?: string; annotations?: Record<string, string> | undefined };
  },
  report: Report,
): { compression?: Compression[] } {
  const text = resource.metadata.annotations?.[annotation];
  if (text === undefined) return {};
  if (text.trim() === "off") return { compression: [] };
  const words = text.split(",").map((word) => word.trim());
  const compression = known
    .filter((name) => words.includes(name))
    .toSorted((a, b) => words.indexOf(a) - words.indexOf(b));
  const strange = words.filter((word) => !(known as readonly string[]).includes(word));
  if (strange.length > 0) {
    const message = `annotation ${annotation} names ${strange.map((word) => JSON.stringify(word)).join(", ")}: expected some of ${known.join(", ")}, or off`;
    report.add(nameOf(resource), "warning", "invalid-value", message, "Correct the annotation.");
  }
  return { compression };
}

/** Listeners with what the annotations of their Gateway and ListenerSet say; the ListenerSet's is the nearer one. */
export function compressing({ gateways, sets }: PlannedListeners, report: Report): PlannedListeners {
  const within = (listeners: PlannedListener[], said: ReturnType<typeof compressionOf>): PlannedListener[] =>
    listeners.map((each) => ({ ...each, plans: each.plans.map((plan) => ({ ...plan, ...said })) }));
  const of = new Map(gateways.map(({ gateway }) => [gateway, compressionOf(gateway, report)]));
  const found = gateways.map((each) => ({ ...each, listeners: within(each.listeners, of.get(each.gateway) ?? {}) }));
  const parents = new Map(gateways.map((each, index) => [each, found[index]]));
  return {
    gateways: found,
    sets: sets.map((each) => {
      const said = { ...(each.parent && of.get(each.parent.gateway)), ...compressionOf(each.set, report) };
      const parent = each.parent && parents.get(each.parent);
      return { ...each, parent, listeners: within(each.listeners, said) };
    }),
  };
}
