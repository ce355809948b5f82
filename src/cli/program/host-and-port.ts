/** `HOST:PORT`, `[::1]:PORT`; undefined for anything else. The port may be too large. */
export function hostAndPort(text: string): { host: string; port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** What was expected instead of an address that is none. @param form of one, as the command's help has it. */
export function expectedAddress(form: string, text: string): string {
  const port = hostAndPort(text)?.port ?? 0;
  return `expected ${port > 65_535 ? `a port of at most 65535, got ${port}` : `${form}, got "${text}"`}`;
}
