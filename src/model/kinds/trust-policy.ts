import { z } from "zod";
import { closed, siteWide } from "./fields.ts";
import { ourVersion } from "./wasm-component.ts";

const publicKey = z
  .string()
  .max(16_384)
  .regex(/^\s*-----BEGIN PUBLIC KEY-----/, { error: "a public key in PEM" });

export const trustPolicy = closed({
  apiVersion: z.literal(ourVersion),
  kind: z.literal("TrustPolicy"),
  metadata: siteWide(),
  spec: closed({
    repositories: z.array(z.string().min(1).max(512)).min(1).max(256),
    keys: z.array(publicKey).max(64).optional(),
    identities: z
      .array(closed({ issuer: z.string().min(1).max(512), subject: z.string().min(1).max(512) }))
      .max(64)
      .optional(),
  }).refine((spec) => (spec.keys?.length ?? 0) + (spec.identities?.length ?? 0) > 0, {
    error: "at least one of keys, identities",
  }),
  status: z.unknown().optional(),
});
/** Who must have signed which repositories. Parsed, not served yet. */
export type TrustPolicy = z.output<typeof trustPolicy>;
