export { program } from "./programs.ts";
export { smallComponent } from "./guests.ts";
export { anyHost, memoriesFor, start } from "./host.ts";
export { componentOf, wat } from "./wat.ts";
