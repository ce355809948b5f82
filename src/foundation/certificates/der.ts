/** The few forms of DER (X.690) that a certificate is made of. */
function wrap(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

export const sequence = (...parts: Uint8Array[]): Buffer => wrap(0x30, Buffer.concat(parts));
export const set = (...parts: Uint8Array[]): Buffer => wrap(0x31, Buffer.concat(parts));
export const octets = (content: Uint8Array): Buffer => wrap(0x04, content);
export const bits = (content: Uint8Array): Buffer => wrap(0x03, Buffer.concat([Buffer.from([0]), content]));
export const text = (value: string): Buffer => wrap(0x0c, Buffer.from(value));
export const yes: Buffer = wrap(0x01, Buffer.from([0xff]));

/** A non-negative integer, big-endian. */
export function integer(value: Uint8Array): Buffer {
  return wrap(0x02, (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), value]) : value);
}

/** An explicit or implicit tag of the context. */
export function tagged(number: number, content: Uint8Array, constructed = true): Buffer {
  return wrap((constructed ? 0xa0 : 0x80) + number, content);
}

/** `1.2.840.10045.4.3.2`. */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const groups = [number & 0x7f];
    for (let left = number >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return wrap(0x06, Buffer.from(bytes));
}

/** Years until 2049 have two digits, later ones four (RFC 5280, section 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, "");
  return date.getUTCFullYear() < 2050 ? wrap(0x17, Buffer.from(digits.slice(2))) : wrap(0x18, Buffer.from(digits));
}
