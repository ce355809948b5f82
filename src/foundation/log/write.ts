import type { LogLine } from "./log.ts";

/** One JSON object a line, for machines. */
export function jsonLine(line: LogLine): string {
  const { time, level, message, fields } = line;
  return `${printable(JSON.stringify({ time: new Date(time).toISOString(), level, message, ...fields }))}\n`;
}

/** One readable line: time of day, level where it matters, message, fields. */
export function humanLine(line: LogLine, colour = false): string {
  const clock = new Date(line.time).toTimeString().slice(0, 8);
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const mark = { debug: paint(90, "debug "), info: "", warn: paint(33, "warning "), error: paint(31, "error ") }[
    line.level
  ];
  const fields = Object.entries(line.fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${paint(90, `${name}=`)}${printable(String(value))}`)
    .join("");
  return `${paint(90, clock)} ${mark}${printable(line.message)}${fields}\n`;
}

// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const control = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Control characters from outside would move the cursor or forge lines, and those that turn the direction of writing would
 * show one name as another: they are escaped, as JSON does it.
 */
export function printable(text: string): string {
  return text.replace(control, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Writes to stderr in the form that its reader wants. */
export function stderrWriter(stream: NodeJS.WriteStream = process.stderr): (line: LogLine) => void {
  const human = stream.isTTY === true;
  const colour = human && process.env["NO_COLOR"] === undefined;
  return (line) => void stream.write(human ? humanLine(line, colour) : jsonLine(line));
}
