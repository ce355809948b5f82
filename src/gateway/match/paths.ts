import { byPrecedence, type Candidate } from "./candidate.ts";
import type { Subject } from "./conditions.ts";
import { normaliseEncoding, prefixKey } from "./path.ts";
import { compilePattern, type TextTest } from "./pattern.ts";

/**
 * All matches of one hostname by their paths. A lookup takes one map access for exact paths, one for each
 * segment of the request's path for prefixes, and one test for each regular expression: how many
 * exact and prefix routes there are plays no part.
 *
 * Order: Exact, then regular expressions (longest first; the Gateway API leaves their place to
 * implementations), then the longest prefix; before the prefix of all paths the last of two segments.
 */
export class PathIndex<T> {
  readonly #exact = new Map<string, Candidate<T>[]>();
  readonly #methods = new Map<string, Candidate<T>[]>();
  readonly #prefixes = new Map<string, Candidate<T>[]>();
  readonly #patterns: { test: TextTest; candidate: Candidate<T> }[] = [];
  /** Longer cuts of a request's path cannot be a prefix: bounds the work that a hostile path makes. */
  #longestPrefix = 0;

  add(candidate: Candidate<T>): void {
    const { type, value } = candidate.path;
    if (type === "Exact") append(this.#exact, normaliseEncoding(value), candidate);
    else if (type === "LastSegment") append(this.#methods, value, candidate);
    else if (type === "PathPrefix") {
      const key = prefixKey(value);
      this.#longestPrefix = Math.max(this.#longestPrefix, key.length);
      append(this.#prefixes, key, candidate);
    } else this.#patterns.push({ test: compilePattern(value), candidate });
  }

  /** Puts everything into the order of precedence; after this nothing is added. */
  seal(): this {
    for (const lists of [this.#exact, this.#prefixes, this.#methods])
      for (const list of lists.values()) list.sort(byPrecedence);
    this.#patterns.sort(
      ({ candidate: a }, { candidate: b }) => b.path.value.length - a.path.value.length || byPrecedence(a, b),
    );
    return this;
  }

  find(path: string, subject: Subject): Candidate<T> | undefined {
    const exact = this.#exact.size === 0 ? undefined : first(this.#exact.get(path), subject);
    if (exact !== undefined) return exact;
    for (const { test, candidate } of this.#patterns) {
      if (holds(candidate, subject) && test(path)) return candidate;
    }
    return this.#findPrefix(path, subject);
  }

  #findPrefix(path: string, subject: Subject): Candidate<T> | undefined {
    let end = path.length;
    // The longest prefix ends where a segment ends: before the slash after it.
    const longest = this.#longestPrefix;
    if (end > longest) end = longest === 0 && path.startsWith("/") ? 0 : path.lastIndexOf("/", longest);
    while (end >= 0) {
      if (end === 0 && this.#methods.size > 0) {
        const call = first(this.#methods.get(lastOfTwo(path)), subject);
        if (call !== undefined) return call;
      }
      const found = first(this.#prefixes.get(end === path.length ? path : path.slice(0, end)), subject);
      if (found !== undefined || end === 0) return found;
      end = path.lastIndexOf("/", end - 1);
    }
    return undefined;
  }
}

/** Of `/service/Method`, its method; empty for a path of fewer or more segments. */
function lastOfTwo(path: string): string {
  const slash = path.indexOf("/", 1);
  return slash <= 1 || path.includes("/", slash + 1) ? "" : path.slice(slash + 1);
}

function append<T>(lists: Map<string, Candidate<T>[]>, key: string, candidate: Candidate<T>): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [candidate]);
  else list.push(candidate);
}

function first<T>(candidates: Candidate<T>[] | undefined, subject: Subject): Candidate<T> | undefined {
  if (candidates === undefined) return undefined;
  for (const candidate of candidates) if (holds(candidate, subject)) return candidate;
  return undefined;
}

function holds({ condition }: Candidate<unknown>, subject: Subject): boolean {
  return condition === undefined || condition(subject);
}
