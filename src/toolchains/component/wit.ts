import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sdkFolder } from "./sdk.ts";

/** The world comes first: the text's own package has to. */
const files = ["guest", "io", "clocks", "random", "cli", "config", "keyvalue", "http"];

/** The interfaces that guests may use, as one WIT text with nested packages. */
export async function witText(): Promise<string> {
  const texts = await Promise.all(files.map((name) => readFile(join(sdkFolder("wit"), `${name}.wit`), "utf8")));
  return texts.join("\n");
}
