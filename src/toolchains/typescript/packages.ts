import { access, readFile, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { BuildError } from "../diagnostic/index.ts";
import { runTool, whichTool } from "../process/index.ts";
import type { BuildInput } from "../toolchain.ts";

/**
 * Makes the packages that package.json names resolvable in the copy: the author's own installation where there
 * is one, else an installation into the copy, without any package's scripts. Development packages are not needed.
 */
export async function packagesFor(input: BuildInput): Promise<void> {
  const names = await dependenciesOf(input);
  if (names.length === 0) return;
  const installed = join(input.original, "node_modules");
  if (await exists(installed)) return symlink(installed, join(input.folder, "node_modules"));

  const npm = await whichTool("npm");
  if (npm === undefined) {
    throw new BandstandError("environment", `${names.join(", ")} must be installed, and there is no npm`, {
      remedy: "Install npm (it comes with Node), or install the packages in the component's folder yourself.",
    });
  }
  const locked = input.sources.files.includes("package-lock.json");
  const result = await runTool({
    name: "npm",
    command: npm,
    args: [
      locked ? "ci" : "install",
      "--ignore-scripts",
      "--omit=dev",
      "--no-audit",
      "--no-fund",
      "--no-update-notifier",
    ],
    folder: input.folder,
    scratch: input.output,
    limits: input.limits,
    signal: input.signal,
    environment: registryEnvironment(),
  });
  if (result.code !== 0) {
    const lines = result.stderr.split("\n").filter((line) => line.startsWith("npm error") && line.length > 10);
    const message = lines.slice(0, 5).join("\n  ") || result.stderr.trim().slice(-500);
    throw new BuildError(
      "npm could not install the packages",
      [{ message }],
      "Check names and versions in package.json and the registry's reach.",
    );
  }
}

async function dependenciesOf(input: BuildInput): Promise<string[]> {
  try {
    const text = await readFile(join(input.folder, "package.json"), "utf8");
    const { dependencies } = JSON.parse(text) as { dependencies?: Record<string, string> };
    // The SDK is the one that came with this Bandstand.
    return Object.keys(dependencies ?? {}).filter((name) => name !== "@bandstand/sdk");
  } catch (error) {
    const diagnostic = { file: "package.json", message: String(error) };
    throw new BuildError("package.json is not JSON", [diagnostic], "Correct the file.", error);
  }
}

/** npm needs to know its registry; nothing else of the caller's environment reaches it. */
function registryEnvironment(): Record<string, string> {
  const wanted =
    /^(npm_config_(registry|userconfig|globalconfig|cafile|cache)|https?_proxy|no_proxy|node_extra_ca_certs)$/i;
  const kept = Object.entries(process.env).filter(([name]) => wanted.test(name));
  return { ...(Object.fromEntries(kept) as Record<string, string>), HOME: homedir() };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
