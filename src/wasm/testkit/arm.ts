import { interruptHook, type InterruptHook } from "../link/index.ts";
import { added } from "../rewrite/index.ts";

/** Tells a rewritten module whom its checks call: without that they trap. Throws for one as it came, which has none. */
export function arm(exports: Record<string, unknown>, hook: InterruptHook = interruptHook(() => 0), guest = 1): void {
  (exports[added.arm] as (hook: InterruptHook, guest: number) => void)(hook, guest);
}
