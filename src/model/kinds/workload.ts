import { z } from "zod";
import { closed, namespaced, port, service, subdomain } from "./fields.ts";
import { ourVersion } from "./wasm-component.ts";

export const workload = closed({
  apiVersion: z.literal(ourVersion),
  kind: z.literal("Workload"),
  metadata: namespaced(),
  spec: closed({
    wasm: closed({ component: subdomain }),
    container: closed({ service, port }),
    policy: z.enum(["wasm", "container", "shield", "split", "mirror"]),
  }),
  status: z.unknown().optional(),
});
/** One job with a Wasm and a container variant. Parsed, not served yet. */
export type Workload = z.output<typeof workload>;
