import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { storefront } from "./paths.ts";

interface Signer {
  sign(claims: Record<string, string | number>): string;
}

/** A token that the storefront accepts for an hour. */
export async function tokenOf(user: string): Promise<string> {
  const { sign } = (await import(pathToFileURL(join(storefront, "token.mjs")).href)) as Signer;
  const now = Math.floor(Date.now() / 1000);
  return sign({ iss: "storefront", aud: "shop", sub: user, iat: now, nbf: now - 5, exp: now + 3600 });
}
