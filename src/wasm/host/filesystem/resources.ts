import type { Descriptor, DirectoryReader } from "../../files/index.ts";
import { Resource } from "../handles.ts";
import { InputStream, OutputStream } from "../io/index.ts";
import { FileSink, FileSource } from "./streams.ts";

/** An open file or directory in a guest's hands. */
export class DescriptorResource extends Resource {
  readonly kind = "descriptor";
  readonly descriptor: Descriptor;

  constructor(descriptor: Descriptor) {
    super();
    this.descriptor = descriptor;
  }

  override dropped(): void {
    this.descriptor.close();
  }
}

export class DirectoryEntryStream extends Resource {
  readonly kind = "directory-entry-stream";
  readonly reader: DirectoryReader;

  constructor(reader: DirectoryReader) {
    super();
    this.reader = reader;
  }

  override dropped(): void {
    this.reader.close();
  }
}

/** A stream uses its file on its own: the guest may give the descriptor back before it. */
export class FileInput extends InputStream {
  constructor(file: Descriptor, offset: bigint) {
    super(new FileSource(file.share(), offset));
  }

  dropped(): void {
    this.source.close();
  }
}

export class FileOutput extends OutputStream {
  readonly #file: Descriptor;

  /** @param offset undefined: behind whatever the file holds. */
  constructor(file: Descriptor, offset: bigint | undefined) {
    super(new FileSink(file.share(), offset));
    this.#file = file;
  }

  dropped(): void {
    this.#file.close();
  }
}
