import { constants, lstatSync, openSync } from "node:fs";
import { FileError, type DescriptorFlags, type OpenHow } from "./contract.ts";
import { refusalOf } from "./failures.ts";
import { isLink, type Place } from "./walk.ts";

/**
 * A link in the last place is left to us, pipes and devices answer at once, none becomes our terminal. All but the
 * first say nothing to files and directories.
 */
const always = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
/** New files; the user's mask takes away from it. */
const mode = 0o666;

/** What may be done with what is opened so. Whoever asks for nothing gets to read. */
export function flagsOf(how: OpenHow): DescriptorFlags {
  const { write = false } = how;
  return {
    read: how.read === true || !write,
    write,
    fileIntegritySync: how.fileIntegritySync === true,
    dataIntegritySync: how.dataIntegritySync === true,
    requestedWriteSync: how.requestedWriteSync === true,
    mutateDirectory: how.mutateDirectory === true,
  };
}

/** Throws what is wrong with asking like this, before anything is done. */
export function checkHow(how: OpenHow, readOnly: boolean): void {
  const { create, directory, exclusive, truncate, write, mutateDirectory } = how;
  if (directory === true && (create === true || exclusive === true || truncate === true)) {
    throw new FileError("invalid", "a directory is neither created nor truncated by opening it");
  }
  if (readOnly && (create === true || truncate === true || write === true || mutateDirectory === true)) {
    throw new FileError("read-only");
  }
}

/** Opens what is in a place; a link there only answers that it is one. */
export function openPlace(place: Place, how: OpenHow): number | typeof isLink {
  if (place.slash && how.create === true) throw new FileError("is-directory", "a file whose path ends with a slash");
  try {
    return openSync(place.at, systemFlags(how, place.slash), mode);
  } catch (error) {
    const code = refusalOf(error)?.code;
    // With O_DIRECTORY a link is no directory before it is a link that is not to be followed.
    if (place.follow && (code === "loop" || (code === "not-directory" && isLinkAt(place)))) return isLink;
    throw error;
  }
}

function isLinkAt({ at }: Place): boolean {
  return lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function systemFlags(how: OpenHow, slash: boolean): number {
  const { read, write } = flagsOf(how);
  let flags = always | (write ? (read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY);
  if (how.create === true) flags |= constants.O_CREAT;
  if (how.create === true && how.exclusive === true) flags |= constants.O_EXCL;
  if (how.truncate === true) flags |= constants.O_TRUNC;
  if (how.directory === true || slash) flags |= constants.O_DIRECTORY;
  if (how.dataIntegritySync === true) flags |= constants.O_DSYNC;
  // Linux has no more for reading than for writing.
  if (how.fileIntegritySync === true || how.requestedWriteSync === true) flags |= constants.O_SYNC;
  return flags;
}
