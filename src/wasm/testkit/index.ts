export { program } from "./programs.ts";
export { smallComponent, smallCore, smallWit } from "./guests.ts";
export { anyHost, memoriesFor, start } from "./host.ts";
export { componentOf, wat } from "./wat.ts";
