import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { LineCounter, Node } from "yaml";
import type { AliasTargets } from "./convert.ts";
import { isMergeKey } from "./convert.ts";

/** A place in a file; line and column count from 1, columns in UTF-16 units as editors do. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

/** Keys and indices from the root of a resource: `["spec", "rules", 0]`. */
export type Path = readonly PropertyKey[];

/** What remains of a document after parsing, to place problems that are found later. */
export interface Source {
  file: string;
  lines: LineCounter;
  root: Node;
  targets: AliasTargets;
  /** Where the resource begins below `root`: not empty inside a List. */
  prefix: Path;
}

/**
 * Where the value at `path` stands: scalars at the value, maps and lists at their key.
 * For what is not there, the nearest that is. `key` asks for the key in any case.
 */
export function positionIn(source: Source, path: Path, at: "value" | "key" = "value"): Position {
  let offset = source.root.range?.[0] ?? 0;
  let node: unknown = source.root;
  const whole = [...source.prefix, ...path];
  for (const [index, segment] of whole.entries()) {
    const step = child(node, segment, source.targets);
    if (step === undefined) break;
    const { key, value } = step;
    const place =
      key === undefined || (isScalarLike(value) && !(at === "key" && index === whole.length - 1)) ? value : key;
    offset = (place as Node | null)?.range?.[0] ?? (key as Node | undefined)?.range?.[0] ?? offset;
    node = value;
  }
  const { line, col } = source.lines.linePos(offset);
  return { file: source.file, line: Math.max(1, line), column: Math.max(1, col) };
}

function isScalarLike(node: unknown): boolean {
  return isAlias(node) || (isScalar(node) && node.range !== undefined && node.source !== "");
}

interface Step {
  key?: unknown;
  value: unknown;
}

function child(node: unknown, segment: PropertyKey, targets: AliasTargets): Step | undefined {
  const resolved = isAlias(node) ? targets.get(node) : node;
  if (isSeq(resolved)) {
    const index = Number(segment);
    return index in resolved.items ? { value: resolved.items[index] } : undefined;
  }
  if (!isMap(resolved)) return undefined;
  const name = String(segment);
  const pair = resolved.items.findLast(({ key }) => keyText(key, targets) === name && !isMergeKey(key));
  if (pair) return { key: pair.key, value: pair.value };
  for (const { key, value } of resolved.items) {
    const found = isMergeKey(key) ? childOfMerge(value, segment, targets) : undefined;
    if (found) return found;
  }
  return undefined;
}

function childOfMerge(merged: unknown, segment: PropertyKey, targets: AliasTargets): Step | undefined {
  const resolved = isAlias(merged) ? targets.get(merged) : merged;
  if (!isSeq(resolved)) return child(resolved, segment, targets);
  for (const item of resolved.items) {
    const found = childOfMerge(item, segment, targets);
    if (found) return found;
  }
  return undefined;
}

function keyText(key: unknown, targets: AliasTargets): string | undefined {
  const node = isAlias(key) ? targets.get(key) : key;
  if (!isScalar(node)) return undefined;
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}
