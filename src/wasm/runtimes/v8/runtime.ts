import { ComponentScope } from "../../host/index.ts";
import { load, Pool } from "../../instances/index.ts";
import type { Runtime } from "../../runtime.ts";

/** Components on this thread's V8, through the linker and host functions of ours. */
export const v8Runtime: Runtime = {
  name: "v8",
  async load(plan, prepared, host) {
    const pool = new Pool(await load(prepared), new ComponentScope(plan, host));
    try {
      pool.warm();
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  },
};
