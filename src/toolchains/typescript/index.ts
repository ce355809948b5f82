export { typescript } from "./driver.ts";
