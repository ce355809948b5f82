export { assemblyscript } from "./driver.ts";
