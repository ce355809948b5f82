import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { ContainerPlan, PodPlan, PodVolumePlan, SecretValues } from "../../model/plan/index.ts";
import type { PortRedirect } from "../reconcile/driver.ts";
import { secretBytes } from "./values.ts";

type FilesPlan = Extract<PodVolumePlan, { type: "files" }>;

/**
 * What a pod has on this host beside Podman's own: the files of its ConfigMaps and Secrets, and the plan that it was
 * made of (without secret values). The folder above is 0700, so that no user of the host reads any of it;
 * it goes with the pod.
 */
export class PodFolders {
  readonly #root: string;
  /** Whether user numbers in containers are those of this host. */
  readonly #rootful: boolean;
  readonly #known = new Map<string, { plan: PodPlan | undefined; redirects: PortRedirect[] | undefined }>();

  constructor(stateDirectory: string, rootful: boolean) {
    this.#root = join(stateDirectory, "podman", "pods");
    this.#rootful = rootful;
  }

  /** Where the files of a volume are. */
  volume(pod: string, volume: string): string {
    return join(this.#folder(pod), "files", volume);
  }

  async create(pod: string, plan: PodPlan, secrets: SecretValues): Promise<void> {
    await this.remove(pod);
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    await chmod(this.#root, 0o700);
    // Whoever runs in the container passes through these, but nobody gets here from outside.
    await mkdir(join(this.#folder(pod), "files"), { recursive: true, mode: 0o755 });
    await writeFile(join(this.#folder(pod), "plan.json"), JSON.stringify(plan), { mode: 0o600 });
    for (const volume of plan.volumes) {
      if (volume.type === "files") await this.#write(pod, volume, plan, secrets);
    }
  }

  /** What is known of a pod from earlier; undefined where it is lost. */
  async read(pod: string): Promise<{ plan: PodPlan | undefined; redirects: PortRedirect[] | undefined }> {
    const known = this.#known.get(pod) ?? {
      plan: (await readJson(join(this.#folder(pod), "plan.json"))) as PodPlan | undefined,
      redirects: (await readJson(join(this.#folder(pod), "redirects.json"))) as PortRedirect[] | undefined,
    };
    this.#known.set(pod, known);
    return known;
  }

  /** Notes which ports of a pod lead elsewhere: they live as long as the pod, and outlive us. */
  async keepRedirects(pod: string, redirects: readonly PortRedirect[]): Promise<void> {
    await mkdir(this.#folder(pod), { recursive: true, mode: 0o755 });
    await writeFile(join(this.#folder(pod), "redirects.json"), JSON.stringify(redirects), { mode: 0o600 });
    this.#known.delete(pod);
  }

  async remove(pod: string): Promise<void> {
    this.#known.delete(pod);
    await rm(this.#folder(pod), { recursive: true, force: true });
  }

  /** Names of all pods that have a folder. */
  async list(): Promise<string[]> {
    return await readdir(this.#root).catch(() => []);
  }

  async removeAll(): Promise<void> {
    this.#known.clear();
    await rm(this.#root, { recursive: true, force: true });
  }

  #folder(pod: string): string {
    return join(this.#root, pod);
  }

  async #write(pod: string, volume: FilesPlan, plan: PodPlan, secrets: SecretValues): Promise<void> {
    const folder = this.volume(pod, volume.name);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const owner = ownerOf(volume, plan);
    for (const { path, mode = volume.mode, content } of volume.files) {
      const inside = normalize(path);
      if (inside.startsWith("..") || inside.startsWith("/")) {
        throw new BandstandError("pod-refused", `the path ${path} of a file leaves volume ${volume.name}`, {
          remedy: "Correct the path of the volume's item.",
        });
      }
      const file = join(folder, inside);
      await mkdir(dirname(file), { recursive: true, mode: 0o755 });
      const bytes =
        "base64" in content
          ? Buffer.from(content.base64, "base64")
          : "value" in content
            ? content.value
            : secretBytes(content.secret, secrets);
      await writeFile(file, bytes, { mode: 0o600 });
      if (this.#rootful) await chown(file, owner.user, owner.group);
      // Without user numbers of the host (rootless) the container's user is somebody else to these files.
      await chmod(file, this.#rootful ? mode : mode | 0o444);
    }
  }
}

/** undefined: it is not there, or was cut off while it was written. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as unknown;
  } catch {
    return undefined;
  }
}

/** The user of the first container that mounts the volume: a mode of 0400 is meant for it. */
function ownerOf(volume: FilesPlan, plan: PodPlan): { user: number; group: number } {
  const mounts = ({ mounts }: ContainerPlan): boolean => mounts.some((mount) => mount.volume === volume.name);
  const security = [...plan.containers, ...plan.initContainers].find(mounts)?.security;
  return {
    user: security?.user ?? 0,
    group: security?.group ?? security?.supplementalGroups[0] ?? security?.user ?? 0,
  };
}
