import type { LineCounter as Lines } from "yaml";
import { LineCounter, Schema, parseAllDocuments } from "yaml";
import type { Document, ParsedNode, Tags } from "yaml";
import type { Problem, ProblemCode } from "../problem/problem.ts";
import { Conversion, nestedTooDeep } from "./convert.ts";
import type { Source } from "./position.ts";
import { explainSyntax } from "./syntax.ts";

/** One document of a file as plain data; `value` is null where it is empty. */
export interface ReadDocument {
  value: unknown;
  source: Source;
}

/** Reads the documents of a YAML or JSON text. What cannot be read becomes a problem, the others come back. */
export function readDocuments(file: string, text: string): { documents: ReadDocument[]; problems: Problem[] } {
  const lines = new LineCounter();
  const documents: ReadDocument[] = [];
  const problems: Problem[] = [];
  const report = (code: ProblemCode, message: string, remedy: string, offset: number): void => {
    const { line, col } = lines.linePos(offset);
    problems.push({
      severity: "error",
      code,
      message,
      remedy,
      file,
      line: Math.max(1, line),
      column: Math.max(1, col),
    });
  };
  for (const document of parseYaml(text, lines)) {
    // Later errors of a document mostly follow from its first.
    const [error] = document.errors;
    if (error?.code === "RESOURCE_EXHAUSTION") {
      const { code, message, remedy, offset } = nestedTooDeep(document.contents, error.pos[0]);
      report(code, message, remedy, offset);
    } else if (error) {
      const { message, remedy, offset } = explainSyntax(error, document.contents, text);
      report("yaml-syntax", message, remedy, offset);
    } else {
      const conversion = new Conversion();
      const value = conversion.value(document.contents) ?? null;
      for (const problem of conversion.problems) report(problem.code, problem.message, problem.remedy, problem.offset);
      if (conversion.problems.length > 0 || document.contents === null) continue;
      documents.push({
        value,
        source: { file, lines, root: document.contents, targets: conversion.targets, prefix: [] },
      });
    }
  }
  return { documents, problems };
}

function parseYaml(text: string, lineCounter: Lines): Document<ParsedNode>[] {
  const documents = parseAllDocuments(text, {
    lineCounter,
    version: "1.1",
    schema,
    // Both are ours: the library compares every key with every other, and quotes the source in messages.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  return Array.isArray(documents) ? documents : [];
}

/** Types of YAML 1.1 that kubectl's parser does not make: there, `2026-01-31` and `12:30:00` are strings. */
function isExtra(tag: Tags[number]): boolean {
  if (typeof tag === "string") return extras.has(tag);
  return extras.has(tag.tag.replace("tag:yaml.org,2002:", "")) || ("format" in tag && tag.format === "TIME");
}

/** The library takes `.`, `e1` and `-e2` for numbers, which they are to nobody: a number has a digit before its exponent. */
function withDigits(tag: Tags[number]): Tags[number] {
  if (typeof tag === "string" || !("test" in tag) || tag.test === undefined) return tag;
  if (tag.tag !== "tag:yaml.org,2002:float") return tag;
  const noMantissa = String.raw`(?![-+]?\.?(?:[eE]|$))`;
  return { ...tag, test: new RegExp(tag.test.source.replace("^", `^${noMantissa}`), tag.test.flags) };
}

const extras = new Set(["timestamp", "binary", "omap", "pairs", "set", "intTime", "floatTime"]);

/** kubectl reads YAML 1.1: `defaultMode: 0400` is octal, `readOnly: yes` is true. Made once: a schema costs more than a small document. */
const schema = new Schema({
  schema: "yaml-1.1",
  resolveKnownTags: false,
  customTags: (tags: Tags) => tags.filter((tag) => !isExtra(tag)).map(withDigits),
});
