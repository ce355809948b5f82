/** Levels in order of weight. */
export type Level = "debug" | "info" | "warn" | "error";

/** Values that a log line can carry; anything from outside is escaped by the writer. */
export type Fields = Record<string, string | number | boolean | undefined>;

/** Where diagnostics go: stderr, human on a terminal, JSON lines otherwise. Results never go here. */
export interface Logger {
  log(level: Level, message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A warning that every thread may meet for itself, and that whoever reads the log wants once. */
  warnOnce(message: string, fields?: Fields): void;
  /** A logger that adds these fields to every line. */
  with(fields: Fields): Logger;
}

/** One line, before it is written. Workers post these to the main thread. */
export interface LogLine {
  time: number;
  level: Level;
  message: string;
  fields: Fields;
  /** It says nothing new where the same line was written before. */
  once?: true;
}

/** A logger over a function that takes complete lines. */
export function loggerTo(
  write: (line: LogLine) => void,
  options: { minimum?: Level; fields?: Fields; now?: () => number } = {},
): Logger {
  const { minimum = "info", fields: base = {}, now = Date.now } = options;
  const log = (level: Level, message: string, fields: Fields = {}, once = false): void => {
    if (weight[level] < weight[minimum]) return;
    write({ time: now(), level, message, fields: { ...base, ...fields }, ...(once && { once }) });
  };
  return {
    log: (level, message, fields) => log(level, message, fields),
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    warnOnce: (message, fields) => log("warn", message, fields, true),
    with: (fields) => loggerTo(write, { minimum, now, fields: { ...base, ...fields } }),
  };
}

const weight: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };
