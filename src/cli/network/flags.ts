import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { whyUnreadable } from "../../foundation/files/unreadable.ts";
import { grantForms, parseGrant } from "../../foundation/network/index.ts";

/** The entries of `--net`. Throws `usage` for what is none. */
export function netEntries(command: string, lists: readonly string[] = []): string[] {
  return lists.flatMap((list) =>
    list.split(",").map((text) => {
      const entry = text.trim().toLowerCase();
      if (parseGrant(entry) !== undefined) return entry;
      throw new BandstandError("usage", `${command}: --net: expected ${grantForms}, got "${text}"`, {
        remedy: "For example --net api.example.com,*.example.org:443,10.0.0.0/8,127.0.0.1:9000",
      });
    }),
  );
}

/** The certificates in the files of `--ca`, in PEM. Throws `usage` where there are none. */
export function authoritiesAt(command: string, files: readonly string[] = [], cwd: string): string[] {
  return files.map((file) => {
    const fail = (why: string): BandstandError =>
      new BandstandError("usage", `${command}: --ca: ${file} ${why}`, {
        remedy: "Name a file with CA certificates in PEM.",
      });
    let text: string;
    try {
      text = readFileSync(resolve(cwd, file), "utf8");
    } catch (error) {
      throw fail(whyUnreadable(error));
    }
    const parts = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    try {
      for (const part of parts) new X509Certificate(part);
    } catch (error) {
      throw fail(`holds a certificate that cannot be read: ${messageOf(error)}`);
    }
    if (parts.length === 0) throw fail("holds no certificate in PEM");
    return `${parts.join("\n")}\n`;
  });
}
