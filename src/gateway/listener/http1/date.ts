let line = "";
let bytes = Buffer.alloc(0);
/** Milliseconds since 1970: the second that the line says began. */
let second = 0;
/** `performance.now()` when the next second begins. */
let until = Number.NEGATIVE_INFINITY;

/** The `date` line of this second (RFC 9110, section 6.6.1); made once a second. */
export function dateLine(): string {
  const now = Date.now();
  if (now - second >= 1000 || now < second) {
    second = now - (now % 1000);
    line = `date: ${new Date(second).toUTCString()}\r\n`;
  }
  return line;
}

/** The same in bytes, for who knows what time it is by another clock. @param now `performance.now()`, of a moment ago. */
export function dateBytes(now: number): Uint8Array {
  if (now >= until) {
    until = now + 1000 - (Date.now() % 1000);
    bytes = Buffer.from(dateLine(), "latin1");
  }
  return bytes;
}
