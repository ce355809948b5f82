/** Bytes between a guest and a test, in the pieces in which they were written. */
export class Pipe {
  readonly pieces: Uint8Array[] = [];
  ended = false;
  broken = false;

  constructor(text?: string, pieceSize = 65536) {
    const bytes = new TextEncoder().encode(text ?? "");
    for (let at = 0; at < bytes.length; at += pieceSize) this.pieces.push(bytes.subarray(at, at + pieceSize));
    this.ended = text !== undefined;
  }

  take(limit: number): Uint8Array {
    const piece = this.pieces.shift();
    // What a result's error case is in jco's bindings: the thrown value.
    // oxlint-disable-next-line no-throw-literal -- not an Error for jco
    if (piece === undefined && this.ended) throw { tag: "closed" };
    if (piece === undefined) return new Uint8Array(0);
    if (piece.length > limit) this.pieces.unshift(piece.subarray(limit));
    return piece.subarray(0, limit);
  }

  text(): string {
    return Buffer.concat(this.pieces).toString("utf8");
  }
}

export class Pollable {
  ready(): boolean {
    return true;
  }
  block(): void {}
}

export class InputStream {
  readonly pipe: Pipe;
  constructor(pipe: Pipe) {
    this.pipe = pipe;
  }
  read(size: bigint): Uint8Array {
    return this.pipe.take(Number(size));
  }
  blockingRead(size: bigint): Uint8Array {
    return this.pipe.take(Number(size));
  }
  subscribe(): Pollable {
    return new Pollable();
  }
}

/** Every second check says that there is no room, so that a guest has to wait; writing beyond the room is an error. */
export class OutputStream {
  readonly pipe: Pipe;
  private readonly room: number;
  private permit = 0;
  private checks = 0;

  constructor(pipe: Pipe, room: number) {
    this.pipe = pipe;
    this.room = room;
  }

  checkWrite(): bigint {
    this.permit = this.checks++ % 2 === 1 ? 0 : this.room;
    return BigInt(this.permit);
  }
  write(bytes: Uint8Array): void {
    if (bytes.length > this.permit) throw new Error(`wrote ${bytes.length} where ${this.permit} were allowed`);
    this.permit -= bytes.length;
    this.pipe.pieces.push(bytes.slice());
  }
  splice(source: InputStream, size: bigint): bigint {
    const bytes = source.pipe.take(Math.min(Number(size), this.permit));
    this.write(bytes);
    return BigInt(bytes.length);
  }
  /** As most hosts do it: one piece, and the guest asks again. */
  blockingSplice(source: InputStream, size: bigint): bigint {
    const bytes = source.pipe.take(Math.min(Number(size), this.room));
    this.pipe.pieces.push(bytes.slice());
    return BigInt(bytes.length);
  }
  subscribe(): Pollable {
    return new Pollable();
  }
}
