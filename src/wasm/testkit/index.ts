export { crossingsOf, TestGuest } from "./crossing.ts";
export { addresses } from "./addresses.ts";
export { program } from "./programs.ts";
export { smallComponent } from "./guests.ts";
export { compiledOf, placeOf } from "./place.ts";
export { anyHost, memoriesFor, start } from "./host.ts";
export { componentOf, wat } from "./wat.ts";
export { expectSame, state } from "./state.ts";
export { outcome, threeWays } from "./differential.ts";
