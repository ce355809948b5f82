import { usualCounts } from "../../model/plan/index.ts";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { RequestContext } from "../../foundation/http/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import { longestTimer } from "../../foundation/time/clock.ts";
import type { ComponentPlan } from "../../model/plan/index.ts";
import type { Grant, GrantedFiles } from "../files/index.ts";
import { ComponentScope } from "../host/component.ts";
import { Exchange } from "../host/http/exchange.ts";
import { StreamSource } from "../host/io/stream-source.ts";
import { hostFunction } from "../host/known.ts";
import { nobodysRequest } from "../host/nobodys-request.ts";
import { load, parts } from "../instances/parts.ts";
import { Seat } from "../instances/seat.ts";
import { exportedInstead } from "../link/failure.ts";
import { commandStart, exportKey, isModuleManifest, type Manifest } from "../link/manifest.ts";
import type { Prepared } from "../prepare/index.ts";
import type { ComponentHost } from "../runtime.ts";
import type { Network } from "../sockets/index.ts";
import { DescriptorSink, inputOf } from "./stdio.ts";

/** The function of a `wasi:cli/command`. */
const run = "wasi:cli/run#run";

/** What a command gets: nothing but stdio, unless it is granted. */
export interface CommandGrants {
  /** With the name of the program first. */
  args: readonly string[];
  environment: readonly (readonly [name: string, value: string])[];
  directories: readonly Grant[];
  /** Whom it may reach by sockets and by HTTP: entries as `parseGrant` takes them. */
  network: readonly string[];
  /** CA certificates in PEM that its requests trust beside the system's. */
  authorities: readonly string[];
  /** Sends its requests as far as its plan lets it. */
  fetchFor: (plan: ComponentPlan) => ComponentHost["fetch"];
  /** `wasi:config/store`. */
  config: ReadonlyMap<string, string>;
  /** Opens the key-value stores that it was granted. */
  keyValue: NonNullable<ComponentHost["keyValue"]>;
  /** Bytes. */
  memory: number;
  /** Milliseconds; `Infinity`: as long as it takes. */
  cpu: number;
  wall: number;
  terminals: { stdin: boolean; stdout: boolean; stderr: boolean };
}

/** How a command ended: by its own code, or by what it did wrong. */
export type CommandEnd = { code: number } | { failure: BandstandError };

/** A command makes no answer to a request; what its host functions count for one is counted here. */
const request = nobodysRequest();
const context: RequestContext = { id: "command", remoteAddress: "127.0.0.1", onAbort: () => {} };
/** Handles at a time: more than files that may be open, and streams of them. */
const resources = 200_000;
/** Milliseconds that what a command wrote to connections gets to leave when it ended. */
const patience = 2000;

/**
 * Runs a module of WASI 0.1, or a component of the world `wasi:cli/command`, once, on the descriptors 0, 1 and 2 of this process.
 * Throws `component-unsupported` where it is none, and `usage` for a directory that cannot be granted.
 */
export async function runCommand(prepared: Prepared, grants: CommandGrants, logger: Logger): Promise<CommandEnd> {
  const manifest = prepared.manifest as Manifest;
  const isModule = isModuleManifest(manifest);
  if (!isModule) checkIsCommand(manifest);
  const files = await openDirectories(grants.directories);
  const plan = planOf(prepared, grants);
  const scope = new ComponentScope(plan, {
    logger,
    config: grants.config,
    keyValue: grants.keyValue,
    fetch: grants.fetchFor(plan),
  });
  const seat = new Seat(await load(prepared), scope, isModule ? commandStart : run);
  const { guest } = seat;
  let stdin: StreamSource | undefined;
  guest.directories = files.directories;
  const network = await networkFor(manifest, grants, () => guest.notify());
  guest.network = network;
  guest.command = {
    args: grants.args,
    environment: grants.environment,
    stdin: (onReady) => (stdin ??= new StreamSource(inputOf(0), onReady)),
    stdout: new DescriptorSink(1),
    stderr: new DescriptorSink(2),
    terminals: grants.terminals,
    alone: true,
    exitCode: undefined,
  };
  const timer =
    grants.wall > longestTimer
      ? undefined
      : setTimeout(() => {
          guest.end(new BandstandError("component-wall", `was not done after ${grants.wall} ms`));
        }, grants.wall);
  // Nothing is left that could wake it.
  const onIdle = (): void => guest.end(new BandstandError("component-trapped", "waits for what never comes"));
  process.once("beforeExit", onIdle);
  try {
    const isPlain = neverWaits(manifest, grants);
    // What it runs while it starts may wait as well.
    if (!isPlain && !isModule) await seat.startInTurns("waiting");
    const call = seat.isService ? callOf(seat, isPlain) : handlerOf(seat, isPlain);
    guest.exchange = new Exchange(guest, request, context, undefined);
    guest.meter.start(grants.cpu);
    const failed = await call();
    await network?.drain(patience);
    return { code: isModule || failed === 0 ? 0 : 1 };
  } catch (thrown) {
    const { exitCode } = guest.command;
    if (exitCode === undefined) return { failure: seat.failureOf(thrown) };
    await network?.drain(patience);
    return { code: exitCode };
  } finally {
    clearTimeout(timer);
    network?.close();
    process.off("beforeExit", onIdle);
    files.close();
    seat.close();
  }
}

/** Of WASI 0.1, those that wait for anything but a place to write to. */
const waiting = new Set(["fd_read", "poll_oneoff"]);
/** Those of WASI 0.2 that wait for a place to write to and for nothing else. */
const writing = /^\[method\]output-stream\.blocking-(?:write-and-flush|write-zeroes-and-flush|flush)$/;
/** Those that wait for what another function said to wait for: here for more input or a time, or for a place to write to. */
const polling = /^(?:\[method\]pollable\.(?:block|ready)|poll)$/;
/** Those by which it looks without waiting whether there is input, or where that goes to: what reads it must get a turn. */
const looking = /^\[method\](?:input-stream\.(?:read|skip)|output-stream\.splice)$/;
const subscribing = /^(?:\[method\]input-stream\.subscribe|subscribe-(?:instant|duration))$/;

/**
 * It could only wait for a place to write to, and a descriptor always is one; nor need anybody else get a turn. Most that
 * only write are so, and what would let them wait costs them a tenth of their time. Its interfaces are loaded.
 */
function neverWaits(manifest: Manifest, { wall }: CommandGrants): boolean {
  if (wall <= longestTimer || manifest.composition !== undefined) return false;
  const isModule = isModuleManifest(manifest);
  const isSubscribed = manifest.uses.some((use) => use.kind === "function" && subscribing.test(use.name));
  return manifest.uses.every((use) => {
    if (use.kind === "drop") return true;
    // Who looks again and again for what is done must let it happen.
    if (use.kind === "built-in") return parts.builtInWaits?.(use) === false && use.name !== "waitable-set.poll";
    if (isModule) return !waiting.has(use.name);
    // Streams to others may be full.
    if (/^wasi:(?:http|sockets)\//.test(use.interface) || looking.test(use.name)) return false;
    if (use.interface === "wasi:io/poll" && polling.test(use.name)) return !isSubscribed;
    return hostFunction(use)?.waits === false || writing.test(use.name);
  });
}

/** The call of any other. */
function handlerOf(seat: Seat, isPlain: boolean): () => Promise<number | undefined> | number | undefined {
  const handler = seat.handler(isPlain ? "plain" : "waiting") as unknown as ReturnType<typeof handlerOf>;
  // Not to begin again where it waits: it runs on, as long as it may.
  if (isPlain) seat.guest.entry = "event";
  return handler;
}

/** The call of a command of WASI 0.3, which waits by returning, or on its stack. */
function callOf(seat: Seat, isPlain: boolean): () => Promise<number> {
  const { guest } = seat;
  const functions = seat.service(isPlain ? "plain" : "waiting");
  return () =>
    new Promise((resolve, reject) => {
      let result = 1;
      const { onEnd } = guest;
      guest.onEnd = () => {
        onEnd();
        reject(guest.failure);
      };
      const task = seat.task({
        entering: nothing,
        left: () => guest.meter.pause(),
        paused: nothing,
        returned: (_, [value]) => void (result = Number(value)),
        ended: (thrown) => (thrown === undefined ? resolve(result) : reject(thrown.error)),
      });
      task.start(functions);
    });
}

function nothing(): void {}

/** For those that use sockets; others need not load them. */
async function networkFor({ uses }: Manifest, grants: CommandGrants, notify: () => void): Promise<Network | undefined> {
  if (!uses.some((use) => use.kind !== "built-in" && use.interface.startsWith("wasi:sockets/"))) return undefined;
  const { Network: Sockets } = await import("../sockets/index.ts");
  return new Sockets(grants.network, notify);
}

/** Throws `usage`. */
async function openDirectories(grants: readonly Grant[]): Promise<GrantedFiles> {
  if (grants.length === 0) return { directories: [], close: nothing };
  const { openGrants } = await import("../files/index.ts");
  return openGrants(grants);
}

/** Throws `component-unsupported`. */
function checkIsCommand({ exports }: Manifest): void {
  const names = exports.map((plan) => exportKey(plan));
  if (names.includes(run)) return;
  const serves = names.find((name) => /^wasi:http\/(?:incoming-)?handler#handle$/.test(name));
  throw new BandstandError(
    "component-unsupported",
    serves === undefined
      ? `it is no command: it exports no wasi:cli/run${exportedInstead(names)}`
      : "it is no command: it answers HTTP requests",
    { remedy: serves === undefined ? "Build it for the world wasi:cli/command." : "Serve it: bandstand serve FILE" },
  );
}

function planOf({ digest }: Prepared, { memory, cpu, wall, network, authorities }: CommandGrants): ComponentPlan {
  return {
    id: "command",
    digest,
    isolation: "reuse",
    runtime: "v8",
    limits: { memory, cpu, wall, requestBody: Infinity, responseBody: Infinity, ...usualCounts, resources },
    capabilities: { http: [...network], services: [], keyValue: [] },
    authorities: [...authorities],
    config: {},
    identityHeaders: [],
  };
}
