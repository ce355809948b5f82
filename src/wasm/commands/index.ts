export { runCommand } from "./command.ts";
export type { CommandEnd, CommandGrants } from "./command.ts";
