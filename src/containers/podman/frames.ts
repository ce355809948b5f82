/** One piece of a multiplexed stream of Podman's. */
export interface Frame {
  stream: "stdout" | "stderr";
  data: Buffer;
}

/** More bytes than Podman ever puts into one piece: the stream is broken. */
const largest = 16 * 1024 * 1024;

/** Takes apart what `logs` and `exec` send: 1 byte of stream, 3 of nothing, 4 of length (big endian), data. */
export async function* framesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let rest = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    while (rest.length >= 8) {
      const length = rest.readUInt32BE(4);
      if (length > largest) throw new Error(`a piece of ${length} bytes`);
      if (rest.length < 8 + length) break;
      yield { stream: rest[0] === 2 ? "stderr" : "stdout", data: rest.subarray(8, 8 + length) };
      rest = rest.subarray(8 + length);
    }
  }
}

/** Longest line that is kept whole; the rest comes as further lines. */
const longestLine = 64 * 1024;

/** Lines of both streams. A line without an end comes when the source ends. */
export async function* linesOf(
  frames: AsyncIterable<Frame>,
): AsyncGenerator<{ stream: Frame["stream"]; text: string }> {
  const begun = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  for await (const { stream, data } of frames) {
    let rest = Buffer.concat([begun[stream], data]);
    for (;;) {
      const end = rest.indexOf(10);
      if (end < 0 && rest.length < longestLine) break;
      const cut = end < 0 || end > longestLine ? longestLine : end;
      yield { stream, text: textOf(rest.subarray(0, cut)) };
      rest = rest.subarray(cut === end ? cut + 1 : cut);
    }
    begun[stream] = rest;
  }
  for (const stream of ["stdout", "stderr"] as const) {
    if (begun[stream].length > 0) yield { stream, text: textOf(begun[stream]) };
  }
}

function textOf(line: Buffer): string {
  return line.toString("utf8").replace(/\r$/, "");
}
