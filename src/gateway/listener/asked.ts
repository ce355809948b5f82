/** What was read of a request that is refused, checked or not; each is empty where it was not read. */
export interface Asked {
  method: string;
  authority: string;
  target: string;
}

/** Of what came, so much is looked at. Bytes. */
const looked = 512;

/** For logs, what stands at the beginning of a request of HTTP/1.1 whose head is none, or is not there yet. */
export function askedIn(bytes: Buffer): Asked | undefined {
  const line = /^(?:\r\n)*([A-Z][A-Z-]*) ([^ \r\n]*)/.exec(bytes.toString("latin1", 0, looked));
  return line === null ? undefined : { method: line[1] as string, authority: "", target: line[2] as string };
}
