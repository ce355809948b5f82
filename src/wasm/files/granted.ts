import { constants, fstatSync, openSync, statSync } from "node:fs";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { Grant, GrantedDirectory, GrantedFiles } from "./contract.ts";
import { OpenFile } from "./descriptor.ts";
import { OpenFiles } from "./open-files.ts";

const flags = {
  read: true,
  write: false,
  fileIntegritySync: false,
  dataIntegritySync: false,
  requestedWriteSync: false,
  mutateDirectory: true,
};

/**
 * Opens the directories of one guest. Throws `usage` for one that cannot be opened, and `environment` where the
 * system has no way to keep guests inside.
 *
 * @param most how many files and directories may be open at a time; as many as this process may have.
 */
export function openGrants(grants: readonly Grant[], most?: () => number): GrantedFiles {
  const files = new OpenFiles(most);
  try {
    return { directories: grants.map((grant) => open(files, grant)), close: () => files.end() };
  } catch (error) {
    files.end();
    throw error;
  }
}

function open(files: OpenFiles, grant: Grant): GrantedDirectory {
  let descriptor: number;
  try {
    descriptor = openSync(grant.host, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK);
  } catch (error) {
    throw new BandstandError("usage", `the directory ${grant.host} cannot be granted: ${messageOf(error)}`, {
      remedy: "name a directory that is there and that you may read",
      cause: error,
    });
  }
  const directory = new OpenFile(files, descriptor, flags, grant.readOnly);
  if (!isReachable(descriptor)) {
    throw new BandstandError("environment", "directories are granted on Linux with /proc only", {
      remedy: "run it on Linux, in a container or a virtual machine if need be, with /proc mounted",
    });
  }
  return { guest: grant.guest, descriptor: directory };
}

/** Paths begin at open directories, which only works by `/proc`. */
function isReachable(descriptor: number): boolean {
  const stats = statSync(`/proc/self/fd/${descriptor}/.`, { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(descriptor);
  return stats?.dev === dev && stats.ino === ino;
}
