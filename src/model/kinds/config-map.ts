import { z } from "zod";
import { complain, configKey, namespaced, open } from "./fields.ts";

/** Standard base64; line breaks are allowed, as kubectl allows them. */
export const base64 = z.string().refine((value) => isBase64(value), { error: "base64" });

function isBase64(value: string): boolean {
  const packed = value.replaceAll(/[\r\n]/g, "");
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed);
}

/** Limit of the API for the contents of a ConfigMap or Secret, in bytes. */
export const contentLimit = 1024 * 1024;

export const configMap = open({
  apiVersion: z.literal("v1"),
  kind: z.literal("ConfigMap"),
  metadata: namespaced(),
  data: z.record(configKey, z.string()).optional(),
  binaryData: z.record(configKey, base64).optional(),
  immutable: z.boolean().optional(),
}).superRefine((resource, context) => {
  const { data = {}, binaryData = {} } = resource;
  for (const key of Object.keys(binaryData)) {
    if (Object.hasOwn(data, key)) complain(context, ["binaryData", key], "a key that data does not have");
  }
  let size = 0;
  for (const value of [...Object.values(data), ...Object.values(binaryData)]) size += value.length;
  if (size > contentLimit) complain(context, ["data"], "at most 1 MiB in all");
});
/** ConfigMap of core/v1; `binaryData` is base64. */
export type ConfigMap = z.output<typeof configMap>;
