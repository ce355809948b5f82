import { printable } from "../../foundation/log/index.ts";
import { rustName } from "./rust-name.ts";

/** Lines that are shown. */
const most = 24;

/** Where in a guest something happened, as far as its names tell, the innermost call first; one that calls itself stands once. */
export function framesOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  const rows: { text: string; times: number }[] = [];
  for (const line of (cause.stack ?? "").split("\n")) {
    if (!line.includes("wasm://")) continue;
    const text = line
      .trim()
      .replace(/wasm:\/\/wasm\/[^:]*:/, "")
      .replace(/_(?:R|ZN)[\w$.]+/, (symbol) => rustName(symbol));
    const last = rows.at(-1);
    if (last?.text === text) last.times++;
    else rows.push({ text, times: 1 });
  }
  return rows
    .slice(0, most)
    .map(({ text, times }) => `  ${printable(text)}${times > 1 ? " (again and again)" : ""}\n`)
    .join("");
}
