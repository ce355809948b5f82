export { c } from "./driver.ts";
