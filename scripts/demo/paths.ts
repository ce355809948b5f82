import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");
export const program = join(root, "bin/bandstand");
export const storefront = join(root, "examples/storefront");
