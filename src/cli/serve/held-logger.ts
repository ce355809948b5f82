import { loggerTo, type Logger, type LogLine } from "../../foundation/log/index.ts";

/** A logger that keeps its lines until they are released: the address is the first line that a script reads. */
export function heldLogger(to: Logger): { logger: Logger; release(): void } {
  let held: LogLine[] | undefined = [];
  const write = (line: LogLine): void => {
    if (held === undefined) to.log(line.level, line.message, line.fields);
    else held.push(line);
  };
  return {
    logger: loggerTo(write, { minimum: "debug" }),
    release() {
      const lines = held ?? [];
      held = undefined;
      lines.forEach(write);
    },
  };
}
