export { flatten, flatTypes, unflatten } from "./flat.ts";
export { Side, type Value } from "./side.ts";
