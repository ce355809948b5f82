import type { Command } from "../program/command.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

/** A completion script, made from the definitions alone. */
export function completionScript(shell: "bash" | "zsh" | "fish", commands: readonly Command[]): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
}
