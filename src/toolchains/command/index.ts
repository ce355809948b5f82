export { commandComponent } from "./command.ts";
