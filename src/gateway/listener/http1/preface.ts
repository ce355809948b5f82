const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Whether a connection begins with what every HTTP/2 client sends first (RFC 9113, section 3.4), or may yet. */
export function prefaceIn(input: Buffer): "whole" | "part" | "none" {
  if (input[0] !== preface[0]) return "none";
  const known = Math.min(input.length, preface.length);
  if (input.compare(preface, 0, known, 0, known) !== 0) return "none";
  return known === preface.length ? "whole" : "part";
}
