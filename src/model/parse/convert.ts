import { isAlias, isMap, isPair, isScalar, isSeq } from "yaml";
import type { Alias, Node, Pair, Scalar, YAMLMap } from "yaml";

/** What goes wrong while nodes become plain data; `offset` points into the text. */
export interface ConversionProblem {
  code: "yaml-syntax" | "yaml-bomb" | "invalid-value";
  message: string;
  remedy: string;
  offset: number;
}

/** Where each alias leads, so that positions can be found through it. */
export type AliasTargets = Map<Alias, Node>;

/** Values that aliases may add to one document; a bomb of ten levels would add 10 thousand million. */
const expansionLimit = 50_000;
/** Maps and lists in each other, so that it does not depend on the room that a thread has how much is read. */
const mostLevels = 100;
const tooDeep = {
  code: "yaml-bomb",
  message: `more than ${mostLevels} levels of nesting`,
  remedy: "Flatten it.",
} as const;
/** Maps whose values are strings: Kubernetes reads an empty value there as "". */
const stringMaps = new Set(["data", "stringData", "binaryData", "labels", "annotations", "matchLabels", "config"]);

/**
 * Plain data of one YAML document, as kubectl reads it: anchors, aliases and merge keys (`<<`)
 * resolved, empty values dropped. Linear in the size of the document and `expansionLimit`.
 */
export class Conversion {
  readonly problems: ConversionProblem[] = [];
  readonly targets: AliasTargets = new Map();
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliasDepth = 0;
  /** The alias in the document itself, where several lead on to each other. */
  #outermost: Alias | undefined;
  #expanded = 0;
  #depth = 0;

  /** The value of a node; problems are collected on the way. */
  value(node: unknown, parentKey = ""): unknown {
    if (this.#exhausted()) return undefined;
    if (isAlias(node)) return this.#alias(node, (target) => this.value(target, parentKey));
    if (isScalar(node)) return this.#scalar(node);
    if (!isMap(node) && !isSeq(node)) return null;
    this.#anchor(node);
    if (this.#depth === mostLevels) {
      // Once: its neighbours are as deep.
      if (this.problems.at(-1)?.message !== tooDeep.message)
        this.#problem(tooDeep.code, node, tooDeep.message, tooDeep.remedy);
      return undefined;
    }
    this.#open.add(node);
    this.#depth++;
    const value = isMap(node) ? this.#map(node, parentKey) : node.items.map((item) => this.value(item));
    this.#depth--;
    this.#open.delete(node);
    return value;
  }

  #scalar(node: Scalar): unknown {
    this.#anchor(node);
    return typeof node.value === "bigint" ? Number(node.value) : node.value;
  }

  #map(map: YAMLMap, parentKey: string): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const merges: Pair[] = [];
    for (const pair of map.items) {
      const { key, value } = pair;
      if (isMergeKey(key)) {
        merges.push(pair);
        continue;
      }
      const name = this.#key(key);
      if (name === undefined) continue;
      if (Object.hasOwn(result, name)) this.#duplicate(key as Scalar, name);
      // Dropping nulls comes last: a key given twice is a mistake even where one is empty.
      result[name] = this.value(value, name) ?? (stringMaps.has(parentKey) ? "" : null);
    }
    for (const { key, value } of merges) this.#merge(result, value, key as Scalar);
    for (const name of Object.keys(result)) if (result[name] === null) delete result[name];
    return result;
  }

  /** Explicit keys win over merged ones, earlier merged maps over later ones. */
  #merge(into: Record<string, unknown>, source: unknown, key: Scalar): void {
    if (isAlias(source)) {
      this.#alias(source, (target) => this.#merge(into, target, key));
    } else if (isMap(source)) {
      for (const [name, value] of Object.entries(this.value(source) as Record<string, unknown>)) {
        if (!Object.hasOwn(into, name)) into[name] = value;
      }
    } else if (isSeq(source)) {
      for (const item of source.items) this.#merge(into, item, key);
    } else {
      const message = "'<<' merges a map or a list of maps, and got something else";
      this.#problem("yaml-syntax", key, message, 'Merge an alias of a map: <<: *name, or quote the key: "<<".');
    }
  }

  #key(key: unknown): string | undefined {
    const node = isAlias(key) ? this.#alias(key, (target) => target) : key;
    if (!isScalar(node)) {
      const template = "Use a string as the key; templates ({{ }}) are to be rendered before.";
      const remedy = isMap(node) && node.flow === true ? template : "Use a string as the key.";
      this.#problem("yaml-syntax", key, "a map or list as a key", remedy);
      return undefined;
    }
    this.#anchor(node);
    const name = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
    if (name !== "__proto__") return name;
    this.#problem("invalid-value", key, "the key __proto__ is not allowed", "Choose another key.");
    return undefined;
  }

  #duplicate(key: Scalar, name: string): void {
    const shown = name.length > 64 ? `${name.slice(0, 64)}…` : name;
    this.#problem("yaml-syntax", key, `the key ${shown} stands twice in the same map`, "Remove one of the two.");
  }

  #alias<T>(alias: Alias, use: (target: Node) => T): T | undefined {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      const message = `the alias *${alias.source} has no anchor before it`;
      this.#problem("yaml-syntax", alias, message, `Write &${alias.source} before the value that is meant.`);
      return undefined;
    }
    if (this.#open.has(target)) {
      const message = `the alias *${alias.source} stands inside its own value`;
      this.#problem("yaml-bomb", alias, message, "Remove the alias.");
      return undefined;
    }
    this.targets.set(alias, target);
    if (this.#aliasDepth === 0) this.#outermost = alias;
    this.#aliasDepth++;
    const value = use(target);
    this.#aliasDepth--;
    return value;
  }

  #anchor(node: Node & { anchor?: string | undefined }): void {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
  }

  /** Counts what aliases add, and stops once it is too much. */
  #exhausted(): boolean {
    if (this.#aliasDepth === 0) return this.#expanded > expansionLimit;
    if (++this.#expanded === expansionLimit + 1) {
      const message = `aliases add more than ${expansionLimit} values to this document`;
      this.#problem("yaml-bomb", this.#outermost, message, "Write the values out, or use fewer aliases.");
    }
    return this.#expanded > expansionLimit;
  }

  #problem(code: ConversionProblem["code"], node: unknown, message: string, remedy: string): void {
    const offset = (node as Node | null)?.range?.[0] ?? 0;
    this.problems.push({ code, message, remedy, offset });
  }
}

/**
 * The same for a text that is nested so deep that the library gave up at `offset`: at the first value beyond the limit on
 * the way there, whatever the depth was that the library reached.
 */
export function nestedTooDeep(root: unknown, offset: number): ConversionProblem {
  let node = root;
  let at = offset;
  for (let level = 0; level <= mostLevels && (isMap(node) || isSeq(node)); level++) {
    at = node.range?.[0] ?? at;
    const values: unknown[] = node.items.map((item) => (isPair(item) ? (item.value ?? item.key) : item));
    node = values.findLast((value) => ((value as Node | null)?.range?.[0] ?? Infinity) <= offset) ?? values.at(-1);
  }
  return { ...tooDeep, offset: at };
}

/** `<<` as YAML 1.1 reads it: plain, not quoted. */
export function isMergeKey(key: unknown): boolean {
  if (!isScalar(key)) return false;
  return key.source === "<<" && (key.type === undefined || key.type === "PLAIN");
}
