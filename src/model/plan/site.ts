import type { ConditionsPlan } from "./conditions.ts";
import type { ContainersPlan } from "./containers.ts";
import type { GatewayPlan } from "./gateway.ts";

/**
 * The desired state of one site: plain, serialisable, diffable data. Made by
 * `gitops/plan` from resources, read by the gateway and the engines. Holds no secret value.
 */
export interface SitePlan {
  site: string;
  gateway: GatewayPlan;
  containers: ContainersPlan;
  conditions: ConditionsPlan;
}

/**
 * Points at one key of a Secret. The hash tells whether the value changed, without telling it.
 * A text composed around a secret (`redis://:$(PASSWORD)@store`) is a secret of its own with a key `derived/<hex>`.
 */
export interface SecretRef {
  namespace: string;
  name: string;
  key: string;
  /** First 16 hex digits of the SHA-256 of `namespace/name/key` and the value. */
  hash: string;
}

/** A literal, or a pointer to a secret value that travels beside the plan. */
export type ConfigValue = { value: string } | { secret: SecretRef };

/** Secret values by `namespace/name/key`. Never logged, never written into plans. */
export type SecretValues = ReadonlyMap<string, Uint8Array>;

/** The key of `SecretValues` for a reference. */
export function secretKey(ref: { namespace: string; name: string; key: string }): string {
  return `${ref.namespace}/${ref.name}/${ref.key}`;
}
