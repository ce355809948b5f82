export { ByteWriter } from "./writer.ts";
