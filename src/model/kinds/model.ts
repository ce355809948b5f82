import { z } from "zod";
import { closed, namespaced } from "./fields.ts";
import { limits } from "./limits.ts";
import { exactlyOne, imageReference, ourVersion, relativePath } from "./wasm-component.ts";

export const model = closed({
  apiVersion: z.literal(ourVersion),
  kind: z.literal("Model"),
  metadata: namespaced(),
  spec: closed({
    image: imageReference.optional(),
    file: relativePath.optional(),
    format: z.enum(["onnx"]).default("onnx"),
    limits: limits.prefault({}),
  }).superRefine((value, context) => exactlyOne(value, ["image", "file"], context)),
  status: z.unknown().optional(),
});
/** An inference model. Parsed, not served yet. */
export type Model = z.output<typeof model>;
