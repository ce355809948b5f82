import type { ConfigValue } from "../../../model/plan/index.ts";
import { compare } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import { Unplannable } from "./unplannable.ts";
import type { SecretBook } from "./secrets.ts";

interface WholeReference {
  name: string;
  optional?: boolean | undefined;
}
interface KeyReference extends WholeReference {
  key: string;
}
interface Source {
  prefix?: string | undefined;
  configMapRef?: WholeReference | undefined;
  secretRef?: WholeReference | undefined;
}

/** Where configuration comes from: ConfigMaps and Secrets of one namespace. */
export interface ConfigSources {
  namespace: string;
  inventory: Inventory;
  secrets: SecretBook;
}

/** All keys of a list of sources; a later source wins. Throws Unplannable. */
export function fromSources(list: readonly Source[], sources: ConfigSources): Map<string, ConfigValue> {
  const found = new Map<string, ConfigValue>();
  for (const { prefix = "", configMapRef, secretRef } of list) {
    for (const [key, value] of configMapRef ? wholeConfigMap(configMapRef, sources) : [])
      found.set(prefix + key, value);
    for (const [key, value] of secretRef ? wholeSecret(secretRef, sources) : []) found.set(prefix + key, value);
  }
  return found;
}

/** One key of a ConfigMap or Secret; undefined where it is missing and optional. Throws Unplannable. */
export function fromKey(
  from: { configMapKeyRef?: KeyReference | undefined; secretKeyRef?: KeyReference | undefined },
  sources: ConfigSources,
): ConfigValue | undefined {
  if (from.configMapKeyRef) return configMapKey(from.configMapKeyRef, sources);
  if (from.secretKeyRef) return secretKey(from.secretKeyRef, sources);
  return undefined;
}

function wholeConfigMap({ name, optional }: WholeReference, sources: ConfigSources): [string, ConfigValue][] {
  const map = sources.inventory.find("ConfigMap", sources.namespace, name);
  if (map === undefined) return absent(optional, "ConfigMap", name, sources.namespace) ?? [];
  const data = Object.entries(map.data ?? {}).toSorted(([a], [b]) => compare(a, b));
  return data.map(([key, value]) => [key, { value }]);
}

function wholeSecret({ name, optional }: WholeReference, sources: ConfigSources): [string, ConfigValue][] {
  const { namespace, secrets } = sources;
  const keys = secrets.keys(namespace, name);
  if (keys === undefined) return absent(optional, "Secret", name, namespace) ?? [];
  return keys.flatMap((key) => {
    const secret = secrets.ref(namespace, name, key);
    return secret ? [[key, { secret }] as [string, ConfigValue]] : [];
  });
}

function configMapKey({ name, key, optional }: KeyReference, sources: ConfigSources): ConfigValue | undefined {
  const map = sources.inventory.find("ConfigMap", sources.namespace, name);
  if (map === undefined) return absent(optional, "ConfigMap", name, sources.namespace);
  const value = Object.hasOwn(map.data ?? {}, key) ? map.data?.[key] : undefined;
  return value === undefined ? absentKey(optional, "ConfigMap", name, key, Object.keys(map.data ?? {})) : { value };
}

function secretKey({ name, key, optional }: KeyReference, sources: ConfigSources): ConfigValue | undefined {
  const { namespace, secrets } = sources;
  const keys = secrets.keys(namespace, name);
  if (keys === undefined) return absent(optional, "Secret", name, namespace);
  const secret = secrets.ref(namespace, name, key);
  return secret ? { secret } : absentKey(optional, "Secret", name, key, keys);
}

export function absent(optional: boolean | undefined, kind: string, name: string, namespace: string): undefined {
  if (optional) return undefined;
  throw new Unplannable(
    `${kind} ${namespace}/${name} does not exist`,
    `Add the ${kind} to the folder, correct the name, or mark the reference optional: true.`,
  );
}

export function absentKey(
  optional: boolean | undefined,
  kind: string,
  name: string,
  key: string,
  keys: string[],
): undefined {
  if (optional) return undefined;
  const known = keys.length > 0 ? keys.toSorted(compare).join(", ") : "none";
  throw new Unplannable(
    `${kind} ${name} has no key ${key} (its keys: ${known})`,
    `Add the key to the ${kind}, correct its name, or mark the reference optional: true.`,
  );
}
