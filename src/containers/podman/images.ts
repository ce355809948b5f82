import { Readable } from "node:stream";
import { BandstandError } from "../../foundation/errors/index.ts";
import { listContext } from "../../foundation/files/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import type { ContainerPlan, ImageBuildPlan } from "../../model/plan/index.ts";
import type { PodmanClient } from "./client.ts";
import { labels, siteFilter } from "./labels.ts";
import { tarOf } from "./tar.ts";

/** Milliseconds, bytes. */
export const buildLimits = { time: 30 * 60_000, memory: 2 * 1024 ** 3, pull: 15 * 60_000 };

interface Image {
  Id: string;
  Labels?: Record<string, string> | null;
}

/** Makes sure that an image is there, as `imagePullPolicy` says; `localhost/…` is never pulled. Throws `image-missing`. */
export async function ensureImage(
  client: PodmanClient,
  { image, pullPolicy }: ContainerPlan,
  logger: Logger,
): Promise<void> {
  const reference = fullReference(image);
  const local = reference.startsWith("localhost/");
  if (pullPolicy !== "Always" || local) {
    if ((await inspect(client, reference)) !== undefined) return;
  }
  if (pullPolicy === "Never" || local) {
    throw new BandstandError("image-missing", `image ${image} is not on this machine, and is not to be pulled`, {
      remedy: local
        ? "Build it: the annotation bandstand.dev/build names the folder."
        : "Pull it, or change imagePullPolicy.",
    });
  }
  logger.info("pulling image", { image });
  const signal = AbortSignal.timeout(buildLimits.pull);
  const query = { reference, policy: pullPolicy === "Always" ? "always" : "missing" };
  const failure = await follow(client, "images/pull", { query, signal, timeout: buildLimits.pull }, () => {});
  if (failure === undefined) return;
  throw new BandstandError("image-missing", `image ${image} cannot be pulled: ${failure}`, {
    remedy: "Check its name, the network and `podman login`.",
  });
}

/** As Kubernetes reads image names: without a registry it is Docker's. */
export function fullReference(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (rest.length === 0) return `docker.io/library/${image}`;
  return first.includes(".") || first.includes(":") || first === "localhost" ? image : `docker.io/${image}`;
}

/** Builds an image unless the one of its name carries the same hash. Output goes to the log. Throws `build-failed`. */
export async function buildImage(
  client: PodmanClient,
  { image, context, hash }: ImageBuildPlan,
  { site, logger, signal: ended }: { site: string; logger: Logger; signal: AbortSignal },
): Promise<void> {
  if ((await inspect(client, image))?.Labels?.[labels.built] === hash) return;
  const entries = await listContext(context);
  const files = new Set(entries.map(({ path }) => path));
  const dockerfile = ["Containerfile", "Dockerfile"].find((name) => files.has(name));
  if (dockerfile === undefined) {
    throw new BandstandError("build-failed", `${context} holds neither Containerfile nor Dockerfile`, {
      remedy: "Add a Containerfile, or correct the annotation bandstand.dev/build.",
    });
  }
  logger.info("building image", { image });
  const limit = AbortSignal.timeout(buildLimits.time);
  const query = {
    t: image,
    dockerfile,
    labels: JSON.stringify({ [labels.builtFor]: site, [labels.built]: hash }),
    memory: buildLimits.memory,
    memswap: buildLimits.memory,
    layers: true,
    rm: true,
    forcerm: true,
  };
  const last: string[] = [];
  const progress = (text: string): void => {
    for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
      logger.info(line, { image });
      last.push(line);
      if (last.length > 20) last.shift();
    }
  };
  const body = Readable.from(tarOf(context, entries));
  const call = { query, body, contentType: "application/x-tar", timeout: buildLimits.time };
  const failure = await follow(client, "build", { ...call, signal: AbortSignal.any([limit, ended]) }, progress);
  if (failure === undefined) return;
  const why = limit.aborted ? `not done after ${buildLimits.time / 60_000} minutes` : failure;
  const base = /docker:\/\/(localhost\/[^\s:]+(?::[\w.-]+)?)/.exec(why)?.[1];
  throw new BandstandError("build-failed", [`image ${image} cannot be built: ${why}`, ...last].join("\n"), {
    remedy:
      base === undefined
        ? `Correct ${dockerfile} in ${context}.`
        : `It builds on ${base}, which is on this machine only once it was made here: make that first.`,
  });
}

/** Images that were built for a site. */
export async function removeImages(client: PodmanClient, site: string): Promise<void> {
  const found = (await client.get("images/json", { filters: siteFilter(site, labels.builtFor) })) as Image[] | null;
  for (const { Id } of found ?? []) {
    // Another site may have built on it: then it stays.
    await client.call("DELETE", `images/${Id}`, { query: { force: false }, accept: [404, 409, 500] });
  }
}

async function inspect(client: PodmanClient, image: string): Promise<Image | undefined> {
  const { status, value } = await client.call("GET", `images/${encodeURIComponent(image)}/json`, { accept: [404] });
  return status === 404 ? undefined : (value as Image);
}

type Following = Parameters<PodmanClient["stream"]>[2];

/** Reads an answer of JSON lines to its end. Returns what it says went wrong. */
async function follow(
  client: PodmanClient,
  path: string,
  options: Following,
  progress: (text: string) => void,
): Promise<string | undefined> {
  let failure: string | undefined;
  try {
    const { status, stream } = await client.stream("POST", path, options);
    for await (const line of jsonLines(stream)) {
      const { stream: text, error, message, cause } = line;
      if (typeof text === "string") progress(text);
      const said = status >= 400 ? (message ?? cause ?? error) : error;
      if (typeof said === "string" && said !== "") failure = said;
    }
    if (status >= 400) failure ??= `status ${status}`;
  } catch (error) {
    failure = String(error);
  }
  return failure;
}

async function* jsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let rest = "";
  const parse = (line: string): Record<string, unknown> => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
    } catch {
      return { error: line };
    }
  };
  for await (const chunk of source) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield parse(line);
  }
  if (rest.trim() !== "") yield parse(rest);
}
