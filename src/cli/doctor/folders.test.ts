import { expect, test } from "vitest";
import { lackOfRoom } from "./folders.ts";

test("a disk that is full, or takes no more files, is said to be", () => {
  const roomy = { bavail: 1_000_000, bsize: 4096, files: 1000, ffree: 10 };
  expect(lackOfRoom(roomy)).toBeUndefined();
  expect(lackOfRoom({ ...roomy, files: 0, ffree: 0 })).toBeUndefined();
  expect(lackOfRoom({ ...roomy, bavail: 0 })).toBe("is on a disk where nothing is free, expected 64 MiB");
  expect(lackOfRoom({ ...roomy, bavail: 3000 })).toBe("is on a disk where 11 MiB are free, expected 64 MiB");
  expect(lackOfRoom({ ...roomy, ffree: 0 })).toBe("is on a disk that takes no more files");
});
