import { z } from "zod";
import { label, open, siteWide } from "./fields.ts";

export const namespace = open({ apiVersion: z.literal("v1"), kind: z.literal("Namespace"), metadata: siteWide(label) });
/** Namespace of core/v1. Declaring one is optional; its labels count for `allowedRoutes`. */
export type Namespace = z.output<typeof namespace>;
