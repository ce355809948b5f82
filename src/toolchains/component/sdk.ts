import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.resolve("@bandstand/sdk/package.json")));

/** A folder of the SDK: `c`, `assemblyscript`, `typescript`, `wit`. */
export function sdkFolder(name: string): string {
  return join(root, name);
}
