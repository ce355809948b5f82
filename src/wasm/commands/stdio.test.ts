import { closeSync, openSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FileError } from "../files/index.ts";
import { errno } from "../host/preview1/errno-numbers.ts";
import { Program } from "../host/preview1/testkit.ts";
import { DescriptorSink, inputOf } from "./stdio.ts";

let full: number;
beforeAll(() => {
  full = openSync("/dev/full", "w");
});
afterAll(() => closeSync(full));

test("a module that prints to what has no room is told so, by the errno of it, each time", () => {
  const program = new Program({ stdout: new DescriptorSink(full) });
  try {
    const [at, size] = program.text("hello");
    const vectors = program.place(8);
    program.memory.view.setUint32(vectors, at, true);
    program.memory.view.setUint32(vectors + 4, size, true);
    const write = (): number => program.call("fd_write", 1, vectors, 1, program.place(4));
    expect([write(), write()]).toEqual([errno.nospc, errno.nospc]);
  } finally {
    program.close();
  }
});

test("what breaks output and input is a failure that has a name for guests", async () => {
  const sink = new DescriptorSink(full);
  sink.write(Buffer.from("hello"));
  expect(sink.failure).toEqual(new FileError("insufficient-space"));
  const folder = openSync("/", "r");
  try {
    await expect(inputOf(folder).read()).rejects.toEqual(new FileError("is-directory"));
  } finally {
    closeSync(folder);
  }
});
