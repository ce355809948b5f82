import { resolve } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { AccessLogMode } from "../../gateway/index.ts";
import { createGateway } from "../../gateway/index.ts";
import { plan, type ResolvedComponent } from "../../gitops/plan/index.ts";
import { parse } from "../../model/index.ts";
import type { GatewayPlan } from "../../model/plan/index.ts";
import { cachePlaces } from "../../node/state/index.ts";
import { isModuleManifest, type Manifest } from "../../wasm/link/index.ts";
import { PreparedStore } from "../../wasm/prepare/index.ts";
import type { ServeCall } from "../commands/serve.ts";
import { readGuest } from "../guest-file/guest-file.ts";
import type { ExitCode } from "../program/command.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { storesFile } from "../keyvalue/file.ts";
import { storesOf } from "../keyvalue/flags.ts";
import { StopWish } from "../up/signals.ts";
import { prepareToServe } from "../wiring/prepare.ts";
import { documentsFor, listenAddress } from "./documents.ts";
import { heldLogger } from "./held-logger.ts";
import { checkIsNoCommand } from "./serves.ts";

/** Milliseconds that requests in flight get when it stops. */
const drain = 3000;

/** Serves one component until somebody stops it. */
export async function serve({ flags, positionals }: ServeCall, terminal: Terminal): Promise<ExitCode> {
  const listen = listenAddress(flags.listen ?? "127.0.0.1:8080");
  const stores = storesOf("serve", flags, terminal.cwd);
  const documents = documentsFor(flags, listen, stores.names, terminal.cwd);
  const bytes = readGuest("serve", resolve(terminal.cwd, positionals[0]!));
  const stop = new StopWish();
  const preparedFolder = cachePlaces(terminal.environment).prepared;
  const store = await PreparedStore.open(preparedFolder);
  const { digest, answersOnce, manifest } = await prepareToServe(store, bytes, flags.reuse ? "reuse" : "request").catch(
    (error) => {
      throw error instanceof BandstandError ? named(error, positionals[0]!) : error;
    },
  );
  checkIsNoCommand(manifest as Manifest, positionals[0]!);
  const { logger, release } = heldLogger(terminal.logger);
  if (isModuleManifest(manifest as Manifest)) {
    const what = "it is a module of WASI 0.1: each request runs it from start to end, by the CGI convention";
    logger.info(what, { otherwise: `bandstand run ${positionals[0]!} runs it once` });
  }
  if (answersOnce === true)
    logger.warn("its instances answer one request each: every request gets a fresh state, --reuse does nothing");
  const keyValue = stores.names.length === 0 ? undefined : storesFile(stores.file);
  const gateway = createGateway({
    preparedFolder,
    ...(keyValue && { keyValueFile: keyValue.file }),
    accessLog: (flags["access-log"] ?? "off") as AccessLogMode,
    logger,
  });
  try {
    await gateway.apply(planOf(documents, { digest, answersOnce: answersOnce === true }, listen), new Map());
    const { address, port } = gateway.state().listeners[0]!;
    terminal.err(`http://${address.includes(":") ? `[${address}]` : address}:${port}\n`);
    release();
    await Promise.race([stop.wished, stop.urgent]);
    await Promise.race([gateway.drain(drain), stop.urgent]);
    return 0;
  } finally {
    release();
    await gateway.close();
    keyValue?.close();
    stop.close();
  }
}

function planOf(
  documents: object[],
  component: ResolvedComponent,
  listen: { host: string; port: number },
): GatewayPlan {
  const text = documents.map((each) => JSON.stringify(each)).join("\n---\n");
  const { resources, problems } = parse([{ path: "the command line", bytes: Buffer.from(text) }]);
  const wrong = problems.find(({ severity }) => severity === "error");
  if (wrong !== undefined) {
    throw new BandstandError(
      "usage",
      `serve: ${wrong.message.replace(/^spec\.limits\./, "--")}`,
      wrong.remedy === undefined ? {} : { remedy: wrong.remedy },
    );
  }
  const components = new Map([["default/component", component]]);
  const { gateway } = plan(resources, { components, builds: new Map() }, { site: "serve" }).plan;
  return { ...gateway, listeners: gateway.listeners.map((each) => ({ ...each, port: listen.port })) };
}

function named({ code, message, remedy }: BandstandError, file: string): BandstandError {
  return new BandstandError(code, `${file}: ${message}`, remedy === undefined ? {} : { remedy });
}
