import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { makeFolder, replaceFile } from "../../foundation/files/index.ts";
import { buildComponent } from "../../toolchains/index.ts";
import type { BuildCall } from "../commands/build.ts";
import type { ExitCode } from "../program/command.ts";
import { interruptible } from "../program/interruptible.ts";
import type { Terminal } from "../terminal/terminal.ts";

async function write(output: string, bytes: Uint8Array): Promise<void> {
  try {
    await makeFolder(dirname(output), 0o777);
    await replaceFile(output, bytes, 0o644);
  } catch (cause) {
    const isUnderFile = (cause as NodeJS.ErrnoException).code === "ENOTDIR";
    const why = isUnderFile ? "a part of its path is a file" : messageOf(cause);
    throw new BandstandError("environment", `${output} cannot be written: ${why}`, {
      remedy: "Name a file that this user may write: --output FILE",
      cause,
    });
  }
}

/** Builds one component. The path of the file is the result; everything else is told on stderr. */
export async function build({ positionals: [dir = "."], flags }: BuildCall, terminal: Terminal): Promise<ExitCode> {
  const folder = await realpath(resolve(terminal.cwd, dir)).catch((cause: unknown) => {
    throw new BandstandError("build-failed", `${dir} is not there`, { remedy: "Name a component's folder.", cause });
  });
  if (!(await stat(folder)).isDirectory()) {
    throw new BandstandError("build-failed", `${dir} is a file`, { remedy: "Name the folder that holds it." });
  }
  const output = resolve(terminal.cwd, flags.output ?? join(folder, "build", `${basename(folder)}.wasm`));
  if ((await stat(output).catch(() => undefined))?.isDirectory() === true) {
    throw new BandstandError("usage", `build: --output: ${flags.output ?? output} is a folder`, {
      remedy: `For example --output ${join(flags.output ?? output, `${basename(folder)}.wasm`)}`,
    });
  }
  const started = performance.now();
  const { bytes, language, others, hash } = await interruptible((signal) => buildComponent(folder, { signal }));
  await write(output, bytes);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  terminal.logger.info("built", { language, bytes: bytes.length, seconds });
  if (others.length > 0) {
    terminal.logger.warn(`taken as ${language}; its files could be ${others.join(" and ")} too`, {
      remedy: "Give each language a folder of its own, or remove the files of the other.",
    });
  }
  const shown = relative(terminal.cwd, output);
  const path = shown.startsWith("..") ? output : shown;
  terminal.out(`${flags.json ? JSON.stringify({ path: output, language, bytes: bytes.length, hash }) : path}\n`);
  return 0;
}
