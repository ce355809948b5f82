import type { Kind, Resource, ResourceTypes, UnknownResource } from "../kinds/types.ts";
import { siteWideKinds } from "../kinds/index.ts";
import type { Path, Position, Source } from "../parse/position.ts";
import { positionIn } from "../parse/position.ts";
import type { Problem, ProblemCode, Severity } from "../problem/problem.ts";

/** What a check found about a resource; `Resources.problem` adds where. */
export interface Complaint {
  severity: Severity;
  code: ProblemCode;
  message: string;
  remedy: string;
}

/**
 * All resources of one site, found by kind, namespace and name, in the order of their files.
 * Knows where each stands in its file.
 */
export class Resources {
  /** Resources of kinds that are not read: kept as they came. */
  readonly unknown: UnknownResource[] = [];
  readonly #kinds = new Map<string, Map<string, Resource>>();
  readonly #sources = new WeakMap<object, Source>();

  /** Adds a resource. Returns the one that already has its kind, namespace and name, and adds nothing then. */
  add(resource: Resource, source: Source): Resource | undefined {
    const ofKind = this.#kinds.get(resource.kind) ?? new Map<string, Resource>();
    this.#kinds.set(resource.kind, ofKind);
    const key = resourceKey(resource);
    const present = ofKind.get(key);
    if (present) return present;
    ofKind.set(key, resource);
    this.#sources.set(resource, source);
    return undefined;
  }

  /** Adds a resource of a kind that is not read. */
  addUnknown(resource: UnknownResource, source: Source): void {
    this.unknown.push(resource);
    this.#sources.set(resource, source);
  }

  /** All resources of a kind. */
  all<K extends Kind>(kind: K): ResourceTypes[K][] {
    return [...(this.#kinds.get(kind)?.values() ?? [])] as ResourceTypes[K][];
  }

  /** One resource, if it is there. The namespace is ignored for kinds that live in none. */
  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceTypes[K] | undefined {
    const key = siteWideKinds.has(kind) ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
    return this.#kinds.get(kind)?.get(key) as ResourceTypes[K] | undefined;
  }

  /** Every resource of the kinds that are read. */
  *[Symbol.iterator](): IterableIterator<Resource> {
    for (const ofKind of this.#kinds.values()) yield* ofKind.values();
  }

  /**
   * Where the value at `path` of a resource stands, or the nearest thing that is there.
   * undefined for resources that came from no file.
   */
  position(resource: Resource | UnknownResource, path: Path = [], at: "value" | "key" = "value"): Position | undefined {
    const source = this.#sources.get(resource);
    return source && positionIn(source, path, at);
  }

  /** A problem of a resource, with its place. */
  problem(resource: Resource | UnknownResource, path: Path, complaint: Complaint): Problem {
    const { severity, code, message, remedy } = complaint;
    return { severity, code, message, remedy, ...this.position(resource, path), resource: resourceKey(resource) };
  }
}

/** `Kind/namespace/name`, or `Kind/name` for kinds that live in no namespace. */
export function resourceKey(resource: Resource | UnknownResource): string {
  const { kind, metadata } = resource;
  const namespace = siteWideKinds.has(kind) ? undefined : (metadata as { namespace?: string }).namespace;
  return namespace === undefined ? `${kind}/${metadata.name}` : `${kind}/${namespace}/${metadata.name}`;
}
