import { printable } from "../../foundation/log/index.ts";
import type { Problem } from "./problem.ts";

/**
 * A problem as a person reads it: place, severity, code, message, the source line with a caret, and
 * what to do. `source` is the text of the problem's file; without it the line is left out.
 * Values of Secrets are never shown.
 */
export function renderProblem(problem: Problem, source?: string): string {
  const { severity, code, message, remedy, file, line, column, resource } = problem;
  const place = [file, file && line, file && line && column].filter((part) => part !== undefined).join(":");
  const head = `${place === "" ? "" : `${place}: `}${severity}: ${printable(message)} [${code}]`;
  const rows = [head];
  if (source !== undefined && line !== undefined) rows.push(...excerpt(problem, source, line, column ?? 1));
  if (resource !== undefined) rows.push(`  in ${printable(resource)}`);
  rows.push(`  ${printable(remedy)}`);
  return `${rows.join("\n")}\n`;
}

/** Longest part of a line that is shown, in characters. */
const width = 100;

function excerpt(problem: Problem, source: string, line: number, column: number): string[] {
  const lines = source.replace(/^\uFEFF/, "").split(/\r?\n/);
  const text = lines[line - 1];
  if (text === undefined) return [];
  const hidden = problem.resource?.startsWith("Secret/") === true || standsInSecret(lines, line);
  const start = Math.max(0, column - 1 - width / 2);
  const shown = hidden ? withoutValue(text) : cut(text, start);
  const number = String(line).padStart(5);
  const row = `${number} | ${printable(shown.replaceAll("\t", " "))}`;
  const indent = printable(shown.slice(0, column - 1 - (hidden ? 0 : start)).replaceAll("\t", " ")).length;
  const caret = `${" ".repeat(5)} | ${" ".repeat(indent)}^`;
  return [row, caret];
}

/** The part of a line that is shown, as wide as what it replaces. */
function cut(text: string, start: number): string {
  const part = text.slice(start, start + width);
  const open = start > 0 ? `…${part.slice(1)}` : part;
  return start + width < text.length ? `${open.slice(0, -1)}…` : open;
}

/** Whether the document around a line is a Secret, as far as a text with mistakes tells. */
function standsInSecret(lines: string[], line: number): boolean {
  let first = line - 1;
  while (first > 0 && !lines[first]!.startsWith("---")) first--;
  let last = line;
  while (last < lines.length && !lines[last]!.startsWith("---")) last++;
  const text = lines.slice(first, last).join("\n");
  return /\bkind\b[^\n]*\bSecret\b|\bstringData\b/i.test(text);
}

function withoutValue(text: string): string {
  const key = /^[\s{,-]*(?:"[-.\w]{1,253}"|'[-.\w]{1,253}'|[-.\w]{1,253})\s*:(?=\s|$)/.exec(text)?.[0];
  return key === undefined ? "…" : text.length > key.length ? `${key} …` : key;
}
