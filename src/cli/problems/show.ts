import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../foundation/log/index.ts";
import type { Problem } from "../../model/index.ts";
import { fileSizeLimit, renderProblem } from "../../model/index.ts";

/** Problems as a person reads them, each with its line and a caret. */
export async function problemTexts(problems: readonly Problem[], folder: string): Promise<string[]> {
  const sources = new Map<string, string | undefined>();
  const texts: string[] = [];
  for (const problem of problems) {
    const { file } = problem;
    if (file !== undefined && !sources.has(file)) sources.set(file, await readSource(join(folder, file)));
    texts.push(renderProblem(problem, file === undefined ? undefined : sources.get(file)));
  }
  return texts;
}

/** `2 errors, 1 warning` */
export function countText(problems: readonly Problem[]): string {
  const count = (severity: string): number => problems.filter((problem) => problem.severity === severity).length;
  const words = [many(count("error"), "error"), many(count("warning"), "warning")];
  return words.filter((word) => word !== "").join(", ") || "no problems";
}

/** For a reader that is a program: one log line a problem, with the place in front as everywhere. */
export function logProblems(problems: readonly Problem[], texts: readonly string[], logger: Logger): void {
  for (const [index, { severity, code, file, line, column, resource }] of problems.entries()) {
    const text = (texts[index] ?? "").trimEnd();
    const fields = { code, file, line, column, resource, text };
    logger.log(severity === "error" ? "error" : "warn", text.split("\n", 1)[0] ?? "", fields);
  }
}

function many(count: number, word: string): string {
  return count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`;
}

async function readSource(path: string): Promise<string | undefined> {
  // Not blocking: a pipe of that name would wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    return stats.isFile() && stats.size <= fileSizeLimit ? await file.readFile("utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
