import { BandstandError } from "../../foundation/errors/index.ts";
import { secretKey } from "../../model/plan/index.ts";
import type { ArgumentPlan, ConfigValue, SecretRef, SecretValues } from "../../model/plan/index.ts";

/** The bytes of a secret. Throws `engine-failed` where they did not come with the plan. */
export function secretBytes(ref: SecretRef, secrets: SecretValues): Uint8Array {
  const bytes = secrets.get(secretKey(ref));
  if (bytes !== undefined) return bytes;
  throw new BandstandError(
    "engine-failed",
    `the value of Secret ${ref.namespace}/${ref.name}, key ${ref.key}, is not there`,
    {
      remedy: "Add the Secret to the folder again.",
    },
  );
}

/** A value for a container's environment. */
export function environmentOf(env: Record<string, ConfigValue>, secrets: SecretValues): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, textOf(value, secrets)]));
}

export function wordsOf(words: readonly ArgumentPlan[], secrets: SecretValues): string[] {
  return words.map((word) => (typeof word === "string" ? word : textOf(word, secrets)));
}

function textOf(value: ConfigValue, secrets: SecretValues): string {
  return "value" in value ? value.value : Buffer.from(secretBytes(value.secret, secrets)).toString("utf8");
}
