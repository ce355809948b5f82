/** Longer tokens are nobody's; reading them would only cost time. */
const MAX_TOKEN: i32 = 8192;

/** The token of the one Authorization header (RFC 6750, section 2.1); null where there is not exactly one. */
export function bearerToken(values: string[]): string | null {
  if (values.length != 1) return null;
  const value = values[0];
  if (value.length > MAX_TOKEN || value.substring(0, 7).toLowerCase() != "bearer ") return null;
  const token = value.substring(7);
  for (let i = 0; i < token.length; i++) if (!isTokenCharacter(token.charCodeAt(i))) return null;
  return token.length > 0 ? token : null;
}

/** base64url and dots: a second token behind a comma or a space fails here. */
function isTokenCharacter(code: i32): bool {
  const digit = code >= 0x30 && code <= 0x39;
  const letter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return digit || letter || code == 0x2d || code == 0x5f || code == 0x2e;
}
