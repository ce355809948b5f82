import { parentPort, workerData } from "node:worker_threads";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { PreparedStore } from "../../wasm/prepare/index.ts";
import { prepareToServe, servedFrom } from "./prepare.ts";
import type { Asked, Told } from "./workshop.ts";

/** Entry of a thread that prepares components: see `workshop.ts`. */
const { folder } = workerData as { folder: string };
const port = parentPort!;

port.on("message", ({ bytes, isolation }: Asked) => {
  const prepared = async (): Promise<Told> => {
    const store = await PreparedStore.open(folder);
    return { done: servedFrom(await prepareToServe(store, bytes, isolation)) };
  };
  const failed = (error: unknown): Told => {
    const { code, remedy } = error instanceof BandstandError ? error : { code: "internal" as const, remedy: undefined };
    return { failed: { code, message: messageOf(error), remedy } };
  };
  void prepared()
    .catch(failed)
    .then((told) => port.postMessage(told));
});
