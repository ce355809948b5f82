import { parentPort, workerData } from "node:worker_threads";
import { failureOf } from "../../foundation/errors/index.ts";
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
  void prepared()
    .catch((error: unknown): Told => ({ failed: failureOf(error) }))
    .then((told) => port.postMessage(told));
});
