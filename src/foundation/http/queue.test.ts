import { expect, it } from "vitest";
import { BodyQueue } from "./queue.ts";

it("tells its source to stop for many small pieces as for many bytes, and to go on", () => {
  let room = 0;
  const queue = new BodyQueue({ onRoom: () => room++ });
  let pushed = 1;
  while (queue.push(Uint8Array.of(1))) pushed++;
  expect(pushed).toBe(1024);
  queue.read();
  queue.read();
  expect(room).toBe(1);
});
