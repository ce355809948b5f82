import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { behindWhatIsReady } from "./behind.ts";

/** Keeps the thread busy. */
function spin(milliseconds: number): void {
  const from = performance.now();
  while (performance.now() - from < milliseconds);
}

it("calls back behind what was ready before it, and before what became so later", async () => {
  const heard: string[] = [];
  const server = createServer((socket) => socket.on("data", (data) => heard.push(data.toString())));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const clients = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const client = connect(port, "127.0.0.1");
      await once(client, "connect");
      return client;
    }),
  );
  while (heard.length < clients.length) {
    clients[heard.length]!.write("ready");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  heard.length = 0;
  for (const client of clients.slice(0, 4)) client.write("before");
  spin(20);
  await new Promise<void>((resolve) => {
    behindWhatIsReady(() => {
      heard.push("told");
      resolve();
    });
    for (const client of clients.slice(4)) client.write("after");
    spin(20);
  });
  while (heard.length < 9) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(heard).toEqual([..."1234"].map(() => "before").concat("told", ..."1234".split("").map(() => "after")));
  for (const client of clients) client.destroy();
  server.close();
});

it("is behind again when it is asked in its own call", async () => {
  let turns = 0;
  let calls = 0;
  const end = performance.now() + 50;
  await new Promise<void>((resolve) => {
    const turn = (): void => void (turns++, performance.now() < end && setImmediate(turn));
    turn();
    const call = (): void => {
      calls++;
      if (performance.now() < end) behindWhatIsReady(call);
      else resolve();
    };
    call();
  });
  expect(calls).toBeLessThanOrEqual(turns + 2);
});
