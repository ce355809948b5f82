import { BandstandError } from "../../foundation/errors/index.ts";
import type { AccessLogMode } from "../../gateway/index.ts";
import { createGateway } from "../../gateway/index.ts";
import { cachePlaces } from "../../node/state/index.ts";
import { isWebAssembly } from "../../wasm/binary/preamble.ts";
import type { ServeCall } from "../commands/serve.ts";
import { readGuest } from "../guest-file/guest-file.ts";
import type { ExitCode } from "../program/command.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { storesFile } from "../keyvalue/file.ts";
import { storesOf } from "../keyvalue/flags.ts";
import { StopWish } from "../up/signals.ts";
import { documentsFor, listenAddress } from "./documents.ts";
import { preparedFolder } from "./prepared-folder.ts";
import { heldLogger } from "./held-logger.ts";

/** Milliseconds that requests in flight get when it stops. */
const drain = 3000;

/** Serves one component until somebody stops it. */
export async function serve(call: ServeCall, terminal: Terminal): Promise<ExitCode> {
  const { flags, positionals } = call;
  const listen = listenAddress(flags.listen ?? "127.0.0.1:8080");
  const stores = storesOf("serve", flags, terminal.cwd);
  const documents = documentsFor(flags, listen, stores.names, terminal.cwd);
  const bytes = readGuest("serve", positionals[0]!, terminal.cwd);
  const stop = new StopWish();
  const { logger, release } = heldLogger(terminal.logger);
  const keyValue = stores.names.length === 0 ? undefined : storesFile(stores.file);
  const prepared = await preparedFolder(cachePlaces(terminal.environment).prepared, logger).catch((error: unknown) => {
    keyValue?.close();
    throw error;
  });
  const gateway = createGateway({
    preparedFolder: prepared.path,
    ...(keyValue && { keyValueFile: keyValue.file }),
    accessLog: (flags["access-log"] ?? "off") as AccessLogMode,
    // Threads take as long to start as all the rest, which is loaded meanwhile. What is no WebAssembly will not be served.
    early: isWebAssembly(bytes),
    logger,
  });
  try {
    const { planFor } = await import("./plan.ts");
    const gatewayPlan = await planFor(bytes, call, { preparedFolder: prepared.path, documents, listen, logger });
    await gateway.apply(gatewayPlan, new Map()).catch((error: unknown) => {
      throw asOfFile(error, positionals[0]!);
    });
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
    prepared.close();
    stop.close();
  }
}

/** Of the one component that there is, by the name that the user gave. */
function asOfFile(error: unknown, file: string): unknown {
  if (!(error instanceof BandstandError)) return error;
  const { code, remedy } = error;
  const message = error.message.replace(/^component default\/component: /, `${file}: `);
  return new BandstandError(code, message, { ...(remedy !== undefined && { remedy }), cause: error });
}
