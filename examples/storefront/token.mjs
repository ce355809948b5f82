// Prints a token for the storefront: HS256 with the key in secrets.yaml. No dependencies.
//
//   node examples/storefront/token.mjs [USER] [--expires SECONDS] [--audience NAME] [--issuer NAME]

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** The demonstration key, as secrets.yaml has it. */
export function demoKey() {
  const text = readFileSync(new URL("secrets.yaml", import.meta.url), "utf8");
  const key = /^\s*JWT_SECRET:\s*(\S+)\s*$/m.exec(text)?.[1];
  if (key === undefined) throw new Error("secrets.yaml holds no JWT_SECRET");
  return key;
}

/** A signed JWT (RFC 7519) over these claims. */
export function sign(claims, key = demoKey()) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", key).update(content).digest("base64url")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      expires: { type: "string", default: "3600" },
      audience: { type: "string", default: "shop" },
      issuer: { type: "string", default: "storefront" },
    },
  });
  const now = Math.floor(Date.now() / 1000);
  console.log(
    sign({
      iss: values.issuer,
      aud: values.audience,
      sub: positionals[0] ?? "ada",
      iat: now,
      nbf: now - 5,
      exp: now + Number(values.expires),
    }),
  );
}
