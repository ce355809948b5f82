import type { Compression } from "../../../model/plan/index.ts";
import { nameOf, type Report } from "../report.ts";

const annotation = "bandstand.dev/compression";
const known: readonly Compression[] = ["zstd", "br", "gzip"];

/** What the annotation of a Gateway or an HTTPRoute says: encodings in the order of preference, or `off`. */
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
