import { constants } from "node:fs";
import { mkdir, open, readFile, readlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join, relative } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";

/** Linux: names a file without opening it. Node has no constant for it. */
const O_PATH = 0o10_000_000;
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** A part of a volume: its path for Podman, and the mount that has to come of it. */
export interface SubPath {
  path: string;
  mount: string;
}

/**
 * A folder or file inside a volume; folders are made where they are missing. Containers write into volumes, so a part
 * may be a link, or become one at any moment: each part is opened from the one before it, links are refused
 * (`pod-refused`), and `checkMounts` looks afterwards what was really mounted.
 */
export async function openSubPath(volume: string, subPath: string): Promise<SubPath> {
  const parts = subPath.split("/").filter((part) => part !== "" && part !== ".");
  let handle = await open(volume, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    for (const [index, part] of parts.entries()) {
      if (part === "..") throw outside(subPath);
      const next = await openPart(handle, part, subPath, index === parts.length - 1);
      await handle.close();
      handle = next;
    }
    return { path: join(volume, ...parts), mount: await mountOf(handle) };
  } finally {
    await handle.close();
  }
}

async function openPart(folder: FileHandle, part: string, subPath: string, last: boolean): Promise<FileHandle> {
  const path = `/proc/self/fd/${folder.fd}/${part}`;
  const made = await mkdir(path, { mode: 0o777 }).then(
    () => true,
    () => false,
  );
  try {
    const opened = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (made) await opened.chmod(0o777);
    return opened;
  } catch (error) {
    if (!last || (error as NodeJS.ErrnoException).code !== "ENOTDIR") throw outside(subPath, error);
  }
  const named = await open(path, O_PATH | O_NOFOLLOW);
  if ((await named.stat()).isFile()) return named;
  await named.close();
  throw outside(subPath);
}

/**
 * Looks whether a container that was made but not started has just these mounts of volumes' parts. Somebody may have
 * put a link in the way between our look and the mount. Throws `pod-refused`.
 */
export async function checkMounts(pid: number, wanted: readonly SubPath[]): Promise<void> {
  const there = (await mountLines(`/proc/${pid}/mountinfo`)).map(({ device, root }) => `${device} ${root}`);
  for (const { path, mount } of wanted) {
    const index = there.indexOf(mount);
    if (index < 0) throw outside(path);
    there.splice(index, 1);
  }
}

/** Device and path within its file system, as mountinfo writes them. */
async function mountOf(handle: FileHandle): Promise<string> {
  const info = await readFile(`/proc/self/fdinfo/${handle.fd}`, "utf8");
  const id = /^mnt_id:\s*(\d+)$/m.exec(info)?.[1];
  const path = await readlink(`/proc/self/fd/${handle.fd}`);
  const mount = (await mountLines("/proc/self/mountinfo")).find((line) => line.id === id);
  if (mount === undefined) throw new BandstandError("engine-failed", `the mount of ${path} is not known`);
  return `${mount.device} ${join(mount.root, relative(mount.point, path))}`;
}

/** proc_pid_mountinfo(5). */
async function mountLines(path: string): Promise<{ id: string; device: string; root: string; point: string }[]> {
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return lines.map((line) => {
    const [id = "", , device = "", root = "", point = ""] = line.split(" ");
    return { id, device, root: unescaped(root), point: unescaped(point) };
  });
}

function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function outside(subPath: string, cause?: unknown): BandstandError {
  return new BandstandError("pod-refused", `subPath ${subPath} leads out of its volume`, {
    remedy: "Something in the volume is a link: remove it, or mount another part.",
    ...(cause === undefined ? {} : { cause }),
  });
}
