import { expect, test } from "vitest";
import { kindOfFile } from "./kind-of-file.ts";

test.each([
  ["", "an empty file"],
  ["(module (func))", "the text of a module"],
  ["\u00ef\u00bb\u00bf\n;; made by hand\n(; (a) ;) ( component $c)", "the text of a module"],
  ["\u007fELF\u0002\u0001", "ELF"],
  ["MZ\u0090", "Windows"],
  ["\u00cf\u00fa\u00ed\u00fe", "macOS"],
  ["BC\u00c0\u00de", "bitcode"],
  ["!<arch>\nx.o/", "static library"],
  ["\u001f\u008b\u0008", "gzip"],
  ["(\u00b5/\u00fd", "zstd"],
  ["\u00fd7zXZ\u0000", "xz"],
  ["PK\u0003\u0004", "ZIP"],
  ["hello.wasm".padEnd(257, "\0") + "ustar", "tar"],
  ["<!DOCTYPE html><title>404", "a web page"],
  ["version https://git-lfs.github.com/spec/v1\noid", "Git LFS"],
  ["#!/bin/sh\n", "a script"],
  ["(modules of a text)", "a file that begins with 28 6d 6f 64"],
  ["\0as", "a file that begins with 00 61 73"],
])("%j is told as %s", (text, what) => {
  const { what: told, remedy } = kindOfFile(Buffer.from(text, "latin1"));
  expect(told).toContain(what);
  expect(remedy).toMatch(/\S$/);
});

test("comments without an end, or without anything behind them, are looked at in no time", () => {
  for (const piece of ["(;", "(;;)", "(; ;) "]) {
    expect(kindOfFile(Buffer.alloc(1 << 20, piece)).what).toMatch(/^a file that begins with 28 3b/);
  }
});
