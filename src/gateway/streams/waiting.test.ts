import { expect, it } from "vitest";
import { Waiting } from "./waiting.ts";

it("datagrams that wait are bounded for each client, and for all of them by their bytes", () => {
  const waiting = new Waiting();
  const queues = Array.from({ length: 4096 }, (): Buffer[] => []);
  const datagram = Buffer.alloc(65_000);
  for (const queue of queues) for (let count = 0; count < 200; count++) waiting.add(queue, datagram);
  expect(queues[0]).toHaveLength(16);
  const bytes = () => queues.flat().reduce((sum, { length }) => sum + length, 0);
  expect(bytes()).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(waiting.take(queues[0]!)).toHaveLength(16);
  for (let count = 0; count < 200; count++) waiting.add(queues[4095]!, datagram);
  expect(queues[4095]).toHaveLength(16);
  expect(bytes()).toBeLessThanOrEqual(8 * 1024 * 1024);
});
