import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Machine } from "./machine.ts";
import { storefront } from "./paths.ts";

/** A storefront to serve, and where what it keeps stands. */
export interface ShopFolder {
  /** Folder that `up` gets. */
  path: string;
  environment: NodeJS.ProcessEnv;
  /** Everything temporary of it; undefined where nothing is. */
  scratch?: string;
}

/** The example as it stands in the repository, with the state where every user has it. */
export function ownShop(): ShopFolder {
  return { path: storefront, environment: process.env };
}

/** A copy under a name of its own, with state, temporary files and image of its own, of what this machine can do. */
export function copiedShop(name: string, port: number, { c }: Pick<Machine, "c">): ShopFolder & { scratch: string } {
  const scratch = mkdtempSync(join(tmpdir(), "bandstand-demo-"));
  const path = join(scratch, name);
  const source = (from: string): boolean => !["node_modules", "build"].includes(basename(from));
  cpSync(storefront, path, { recursive: true, filter: source });
  const shop = { path, scratch, environment: environmentIn(scratch) };
  edit(shop, "gateway.yaml", /port: 8080/, `port: ${port}`);
  edit(shop, "orders.yaml", /localhost\/storefront\//g, `localhost/${name}/`);
  if (!c) {
    edit(shop, "routes.yaml", /^ +filters:\n.*\n.*name: security-headers }\n/gm, "");
    edit(shop, "components.yaml", /---\n[^-]*name: security-headers[^-]*source: [^\n]*\n/, "");
  }
  return shop;
}

function environmentIn(scratch: string): NodeJS.ProcessEnv {
  const temporary = join(scratch, "tmp");
  mkdirSync(temporary);
  return { ...process.env, BANDSTAND_STATE: join(scratch, "state"), TMPDIR: temporary };
}

/** Replaces text in a file of the shop. Throws where the text is not there: then nothing would be tried. */
export function edit(shop: ShopFolder, file: string, from: RegExp, to: string): void {
  const place = join(shop.path, file);
  const before = readFileSync(place, "utf8");
  if (before.search(from) === -1) throw new Error(`${file} does not hold ${from}`);
  writeFileSync(place, before.replace(from, to));
}

export function removeScratch({ scratch }: ShopFolder): void {
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
