import { createHash } from "node:crypto";
import type { Secret } from "../../../model/kinds/types.ts";
import type { ConfigValue, SecretRef, SecretValues } from "../../../model/plan/index.ts";
import { secretKey } from "../../../model/plan/index.ts";
import { compare } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";

/** Text put together from literals and secrets: `redis://:` + a password + `@store`. */
export type TextPart = string | SecretRef;

/**
 * Hands out pointers to secret values for the plan and keeps the values beside it.
 * Only what the plan points at is kept.
 */
export interface SecretBook {
  /** Keys of a Secret in order; undefined where there is no such Secret. */
  keys(namespace: string, name: string): string[] | undefined;
  /** undefined where the Secret or the key is missing. */
  ref(namespace: string, name: string, key: string): SecretRef | undefined;
  /** The value that a pointer of `ref` stands for. */
  read(ref: SecretRef): Uint8Array;
  /** A literal where no part is a secret; else one pointer to the whole text. */
  compose(parts: readonly TextPart[]): ConfigValue;
  values(): SecretValues;
}

export function newSecretBook(inventory: Inventory): SecretBook {
  const contents = new Map<string, Map<string, Uint8Array>>();
  const used = new Map<string, Uint8Array>();

  function contentOf(namespace: string, name: string): Map<string, Uint8Array> | undefined {
    const id = `${namespace}/${name}`;
    const secret = inventory.find("Secret", namespace, name);
    if (secret !== undefined && !contents.has(id)) contents.set(id, decode(secret));
    return contents.get(id);
  }

  function point(namespace: string, name: string, key: string, value: Uint8Array): SecretRef {
    const place = secretKey({ namespace, name, key });
    used.set(place, value);
    return { namespace, name, key, hash: hash(place, value).slice(0, 16) };
  }

  return {
    keys(namespace, name) {
      const content = contentOf(namespace, name);
      return content && [...content.keys()].toSorted(compare);
    },
    ref(namespace, name, key) {
      const value = contentOf(namespace, name)?.get(key);
      return value && point(namespace, name, key, value);
    },
    read: (ref) => used.get(secretKey(ref)) ?? new Uint8Array(),
    compose(parts) {
      const first = parts.find((part) => typeof part !== "string");
      if (first === undefined) return { value: parts.join("") };
      if (parts.length === 1) return { secret: first };
      const template = JSON.stringify(parts);
      const bytes = parts.map((part) =>
        typeof part === "string" ? Buffer.from(part) : (used.get(secretKey(part)) ?? Buffer.alloc(0)),
      );
      const key = `derived/${hash("", Buffer.from(template)).slice(0, 16)}`;
      return { secret: point(first.namespace, first.name, key, Buffer.concat(bytes)) };
    },
    values: () => new Map([...used].toSorted(([a], [b]) => compare(a, b))),
  };
}

/** `stringData` is plain and wins over `data`, which is base64. */
function decode(secret: Secret): Map<string, Uint8Array> {
  const content = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(secret.data ?? {})) content.set(key, Buffer.from(value, "base64"));
  for (const [key, value] of Object.entries(secret.stringData ?? {})) content.set(key, Buffer.from(value, "utf8"));
  return content;
}

function hash(place: string, value: Uint8Array): string {
  return createHash("sha256").update(place).update("\0").update(value).digest("hex");
}
