/** Texts of YAML as the gateway writes and reads them: a header is bytes, each of them one character of a string. */

/** The value of a header: UTF-8, where it has more than ASCII. */
export function headerText(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}

/** A path, perhaps with a query: what cannot stand in a request line or a Location is percent-encoded (RFC 3986). */
export function pathText(value: string): string {
  return value.replace(/%(?![0-9a-fA-F]{2})|[^-A-Za-z0-9/._~!$&'()*+,;=:@?%]/gu, (character) =>
    [...Buffer.from(character.toWellFormed(), "utf8")]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}
