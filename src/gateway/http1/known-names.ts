/**
 * What a field's name says to us. Nearly all names say nothing, and are sorted out by their length and first letter: heads
 * are understood, changed and passed on without a string for each of their lines.
 */
export const kinds = {
  other: 0,
  host: 1,
  expect: 2,
  upgrade: 3,
  connection: 4,
  contentLength: 5,
  transferEncoding: 6,
  te: 7,
  /** Ends at the next hop (RFC 9110, section 7.6.1), besides those above. */
  hop: 8,
  /** Says where a request comes from, by whom, or through what: what we know of that we say ourselves. */
  origin: 9,
  requestId: 10,
  date: 11,
  /** What servers that read other letters as `-` take for `content-length` or `transfer-encoding`. */
  disguised: 12,
} as const;

/** A set of kinds. */
export function maskOf(...of: (keyof typeof kinds)[]): number {
  return of.reduce((mask, kind) => mask | (1 << kinds[kind]), 0);
}

interface Known {
  /** In lower case. */
  name: string;
  same: number;
  /** Where anything but letters and digits stands for `-`: some servers read more than `_` so. */
  alike: number;
  /** Where a digit does. */
  digits: number;
}

const { other } = kinds;
const only = (same: number, ...names: string[]): Known[] =>
  names.map((name) => ({ name, same, alike: other, digits: other }));
const alsoAlike = (same: number, ...names: string[]): Known[] =>
  names.map((name) => ({ name, same, alike: same, digits: other }));
const framing = (name: string, same: number): Known => ({
  name,
  same,
  alike: kinds.disguised,
  digits: kinds.disguised,
});

const known: Known[] = [
  ...only(kinds.host, "host"),
  ...only(kinds.expect, "expect"),
  ...only(kinds.upgrade, "upgrade"),
  ...only(kinds.connection, "connection"),
  framing("content-length", kinds.contentLength),
  framing("transfer-encoding", kinds.transferEncoding),
  ...only(kinds.te, "te"),
  ...only(kinds.hop, "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "http2-settings"),
  // Programs behind CGI read `Proxy` as HTTP_PROXY, and send what they ask of others where it says ("httpoxy").
  ...only(kinds.origin, "via", "proxy"),
  ...alsoAlike(kinds.origin, "forwarded", "x-real-ip"),
  ...only(kinds.requestId, "x-request-id"),
  ...only(kinds.date, "date"),
];
/** All that begins so and goes on. */
const forwarded: Known = { name: "x-forwarded-", same: kinds.origin, alike: kinds.origin, digits: other };

const longest = 32;
/** For each length the first letters of known names, one bit each. */
const letters = new Int32Array(longest);
const byLength: Known[][] = Array.from({ length: longest }, () => []);
for (const one of known) {
  const { length } = one.name;
  letters[length] = (letters[length] as number) | bitOf(one.name.charCodeAt(0));
  byLength[length]?.push(one);
}

function bitOf(letter: number): number {
  return 1 << (letter & 31);
}

/** The kind of the name that stands in these bytes; they are a `token`. */
export function kindOf(bytes: Uint8Array, begin: number, end: number): number {
  const length = end - begin;
  const bit = 1 << ((bytes[begin] as number) & 31);
  if (length < longest && ((letters[length] as number) & bit) !== 0) {
    const names = byLength[length] as Known[];
    for (let index = 0; index < names.length; index++) {
      const kind = compare(bytes, begin, names[index] as Known);
      if (kind !== other) return kind;
    }
  }
  return length > 12 && bit === 1 << 24 ? compare(bytes, begin, forwarded) : other;
}

function compare(bytes: Uint8Array, begin: number, { name, same, alike, digits }: Known): number {
  let kind = same;
  for (let index = 0; index < name.length; index++) {
    const wanted = name.charCodeAt(index);
    const byte = bytes[begin + index] as number;
    if (byte === wanted) continue;
    if (wanted !== 0x2d) {
      // Letters only: in these names no other sign has a second form.
      if ((byte | 0x20) === wanted && wanted >= 0x61) continue;
      return other;
    }
    if (isLetter(byte)) return other;
    if (byte >= 0x30 && byte <= 0x39) kind = digits;
    else if (kind === same) kind = alike;
    if (kind === other) return other;
  }
  return kind;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
