import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { WasmComponent } from "../../model/index.ts";
import { resourceKey } from "../../model/index.ts";
import type { Lock } from "./lock.ts";
import type { ResolveOptions } from "./options.ts";
import type { ResolvedComponent } from "../plan/index.ts";
import { placeOf } from "./place.ts";
import { Unresolvable, toUnresolvable } from "./unresolvable.ts";

/** Largest component that is read, in bytes; JavaScript engines as components take 13 MB. */
const componentLimit = 256 * 1024 * 1024;

/** Where a component stands in the site. */
export interface Located {
  root: string;
  /** File that holds the resource, relative to the root. */
  file: string;
  lock: Lock;
}

/** A component's bytes from wherever it comes, prepared. Throws Unresolvable; undefined where building is not wanted. */
export async function resolveComponent(
  component: WasmComponent,
  located: Located,
  options: ResolveOptions,
): Promise<ResolvedComponent | undefined> {
  try {
    const bytes = await bytesOf(component, located, options);
    if (bytes === undefined) return undefined;
    options.signal?.throwIfAborted();
    const { digest, answersOnce, anew } = await options.tools.prepare(bytes, component.spec);
    return { digest, ...(answersOnce === true && { answersOnce }), ...(anew !== undefined && { anew }) };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw toUnresolvable(error, located.root);
  }
}

async function bytesOf(
  component: WasmComponent,
  located: Located,
  options: ResolveOptions,
): Promise<Uint8Array | undefined> {
  const { file, source, image } = component.spec;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  if (file !== undefined) return read((await placeOf(located.root, located.file, file, "file")).path, file);
  if (source !== undefined) {
    const place = await placeOf(located.root, located.file, source, "folder");
    if (!options.builds) return undefined;
    const need = { type: "component", folder: place.relative, resource: resourceKey(component) } as const;
    const onStart = (): void => options.onBuild?.(need);
    return (await options.tools.build(place.path, { ...signal, onStart })).bytes;
  }
  return pull(image ?? "", located.lock, options);
}

/** By the digest of the lock file where there is one; what is new is written into it. */
async function pull(reference: string, lock: Lock, { tools, frozen, signal }: ResolveOptions): Promise<Uint8Array> {
  if (tools.pull === undefined) {
    const remedy = "Use file: or source: until then; requests to it are answered with 500.";
    throw new Unresolvable("not-served-yet", `image ${reference}: registries are not served yet`, remedy, "warning");
  }
  const locked = lock.get(reference);
  if (locked === undefined && frozen) {
    const remedy = "Run bandstand up without --frozen once, and commit bandstand.lock.";
    throw new Unresolvable("image-unavailable", `image ${reference} is not in bandstand.lock, which is frozen`, remedy);
  }
  const { digest, bytes } = await tools.pull(reference, locked, signal === undefined ? {} : { signal });
  if (locked !== undefined && digest !== locked) {
    const remedy = "Remove the line from bandstand.lock if the image was meant to change.";
    throw new Unresolvable(
      "image-unavailable",
      `image ${reference}: expected ${locked} by bandstand.lock, got ${digest}`,
      remedy,
    );
  }
  lock.set(reference, digest);
  return bytes;
}

async function read(path: string, written: string): Promise<Uint8Array> {
  // Not blocking: a pipe that took the file's place in the meantime would wait for a writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    if (size > componentLimit) {
      const message = `${written} has ${size} bytes: expected at most ${componentLimit}`;
      throw new Unresolvable("component-invalid", message, "Build it for release, or leave out what it embeds.");
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
