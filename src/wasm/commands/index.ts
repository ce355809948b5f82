export type { CommandEnd, CommandGrants } from "./command.ts";
