// base64url without padding (RFC 4648 section 5, as RFC 7515 uses it).

const INVALID: u32 = 255;

/**
 * The bytes; null for anything but the one spelling that an encoder makes: other characters, padding,
 * impossible lengths, or stray bits in the last character.
 */
export function decodeBase64url(text: string): Uint8Array | null {
  const length = text.length;
  const rest = length & 3;
  if (rest == 1) return null;
  const bytes = new Uint8Array((length >> 2) * 3 + (rest == 0 ? 0 : rest - 1));
  let bits: u32 = 0;
  let held = 0;
  let out = 0;
  for (let i = 0; i < length; i++) {
    const value = valueOf(text.charCodeAt(i));
    if (value == INVALID) return null;
    bits = (bits << 6) | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[out++] = <u8>(bits >> held);
      bits &= (1 << held) - 1;
    }
  }
  return bits == 0 ? bytes : null;
}

function valueOf(code: i32): u32 {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code == 0x2d) return 62;
  if (code == 0x5f) return 63;
  return INVALID;
}
