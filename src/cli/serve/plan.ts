import { BandstandError } from "../../foundation/errors/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import { plan, type ResolvedComponent } from "../../gitops/plan/index.ts";
import { parse } from "../../model/index.ts";
import type { GatewayPlan } from "../../model/plan/index.ts";
import { isModuleManifest, type Manifest } from "../../wasm/link/index.ts";
import { PreparedStore } from "../../wasm/prepare/index.ts";
import type { ServeCall } from "../commands/serve.ts";
import { prepareToServe } from "../wiring/prepare.ts";
import { checkIsNoCommand } from "./serves.ts";

/** What a command line asks for, beside its component. */
interface Asked {
  preparedFolder: string;
  documents: object[];
  listen: { host: string; port: number };
  logger: Logger;
}

/** Prepares the component, says what is to be known of how it is served, and plans that. Throws what `prepare` throws, and `usage`. */
export async function planFor(
  bytes: Uint8Array,
  call: ServeCall,
  { preparedFolder, documents, listen, logger }: Asked,
): Promise<GatewayPlan> {
  return planOf(documents, await resolved(await PreparedStore.open(preparedFolder), bytes, call, logger), listen);
}

async function resolved(
  store: PreparedStore,
  bytes: Uint8Array,
  { flags, positionals }: ServeCall,
  logger: Logger,
): Promise<ResolvedComponent> {
  const file = positionals[0]!;
  const { digest, answersOnce, manifest } = await prepareToServe(store, bytes, flags.reuse ? "reuse" : "request").catch(
    (error) => {
      throw error instanceof BandstandError ? named(error, file) : error;
    },
  );
  checkIsNoCommand(manifest as Manifest, file);
  if (isModuleManifest(manifest as Manifest)) {
    const what = "it is a module of WASI 0.1: each request runs it from start to end, by the CGI convention";
    logger.info(what, { otherwise: `bandstand run ${file} runs it once` });
  }
  if (answersOnce === true)
    logger.warn("its instances answer one request each: every request gets a fresh state, --reuse does nothing");
  return { digest, answersOnce: answersOnce === true };
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
