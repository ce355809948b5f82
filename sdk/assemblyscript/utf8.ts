/** The UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

/** The text; null where the bytes are not UTF-8 (RFC 3629): cut, overlong, surrogates, or beyond the last character. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  for (let at = 0; at < bytes.length;) {
    const size = sizeAt(bytes, at);
    if (size == 0) return null;
    at += size;
  }
  return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}

/** Bytes of the character at `at`; 0 where none is well-formed. */
function sizeAt(bytes: Uint8Array, at: i32): i32 {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + size > bytes.length) return 0;
  const second = bytes[at + 1];
  // The second byte tells overlong forms, surrogates and numbers beyond U+10FFFF.
  const least: u8 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const most: u8 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = 2; i < size; i++) if ((bytes[at + i] & 0xc0) != 0x80) return 0;
  return size;
}
