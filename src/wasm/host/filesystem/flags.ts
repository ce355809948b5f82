import type { DescriptorFlags, OpenHow } from "../../files/index.ts";

/** `path-flags`: follow a link in the last place. */
export function follows(flags: number): boolean {
  return (flags & 1) !== 0;
}

/**
 * From the bits of `path-flags`, `open-flags` and `descriptor-flags`. Creating and truncating imply writing, and what
 * is not asked to be written is read, as in other hosts and in the test suite of WASI.
 */
export function howOf(path: number, open: number, flags: number): OpenHow {
  const [create, truncate, write] = [(open & 1) !== 0, (open & 8) !== 0, (flags & 2) !== 0];
  return {
    follow: follows(path),
    create,
    directory: (open & 2) !== 0,
    exclusive: (open & 4) !== 0,
    truncate,
    read: (flags & 1) !== 0 || !write,
    write: write || create || truncate,
    fileIntegritySync: (flags & 4) !== 0,
    dataIntegritySync: (flags & 8) !== 0,
    requestedWriteSync: (flags & 16) !== 0,
    mutateDirectory: (flags & 32) !== 0,
  };
}

/** Bits of `descriptor-flags`. */
export function bitsOf(flags: DescriptorFlags): number {
  return (
    Number(flags.read) |
    (Number(flags.write) << 1) |
    (Number(flags.fileIntegritySync) << 2) |
    (Number(flags.dataIntegritySync) << 3) |
    (Number(flags.requestedWriteSync) << 4) |
    (Number(flags.mutateDirectory) << 5)
  );
}
