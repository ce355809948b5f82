// Runs as a process of its own: BUNDLE WIT COMPONENT.
import { writeFile } from "node:fs/promises";
import { componentize } from "@bytecodealliance/componentize-js";

const [sourcePath = "", witPath = "", component = ""] = process.argv.slice(2);

try {
  const built = await componentize({ sourcePath, witPath, worldName: "guest" });
  await writeFile(component, built.component);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
