import { z } from "zod";
import { base64, contentLimit } from "./config-map.ts";
import { complain, configKey, namespaced, open } from "./fields.ts";

export const secret = open({
  apiVersion: z.literal("v1"),
  kind: z.literal("Secret"),
  metadata: namespaced(),
  type: z.string().optional(),
  data: z.record(configKey, base64).optional(),
  stringData: z.record(configKey, z.string()).optional(),
  immutable: z.boolean().optional(),
}).superRefine(({ data = {}, stringData = {} }, context) => {
  let size = 0;
  for (const value of [...Object.values(data), ...Object.values(stringData)]) size += value.length;
  if (size > contentLimit) complain(context, ["data"], "at most 1 MiB in all");
});
/** Secret of core/v1: `data` is base64, `stringData` is plain and wins. */
export type Secret = z.output<typeof secret>;
