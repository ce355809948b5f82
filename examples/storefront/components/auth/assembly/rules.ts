import { utf8 } from "@bandstand/sdk";

/** RFC 7518, section 3.2: a key for HS256 has at least 256 bits. */
const MIN_KEY: i32 = 32;
const MAX_LEEWAY: i32 = 300;

/** What a token has to fulfil. */
export class Rules {
  constructor(
    readonly key: Uint8Array,
    readonly issuer: string,
    readonly audience: string,
    /** Seconds. */
    readonly leeway: i32,
  ) {}

  /** null where something is missing or wrong: then nothing may pass. */
  static from(
    secret: string | null,
    issuer: string | null,
    audience: string | null,
    leeway: string | null,
  ): Rules | null {
    if (secret === null || issuer === null || audience === null) return null;
    const key = utf8(secret);
    const seconds = leeway === null ? 0 : wholeNumber(leeway);
    if (key.length < MIN_KEY || issuer.length == 0 || audience.length == 0 || seconds < 0 || seconds > MAX_LEEWAY)
      return null;
    return new Rules(key, issuer, audience, seconds);
  }
}

/** -1 for anything but one to three digits. */
function wholeNumber(text: string): i32 {
  if (text.length < 1 || text.length > 3) return -1;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return -1;
    value = value * 10 + code - 0x30;
  }
  return value;
}
