import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runQuietly, say, step } from "./progress.mjs";

/** Debian packages, in groups that targets name, each with the reason. */
const groups = {
  containers: [
    ["podman", "runs containers"],
    ["runc", "starts them; works on every cgroup layout"],
    ["netavark", "their network"],
    ["aardvark-dns", "names in it"],
    ["iptables", "netavark publishes ports with it"],
    ["catatonit", "first process of a pod"],
  ],
  images: [
    ["mmdebstrap", "makes base images without any registry"],
    ["busybox-static", "the smallest image, for tests"],
  ],
  compilers: [
    ["clang", "components in C"],
    ["lld", "links them"],
    ["wasi-libc", "their C library"],
    ["libclang-rt-dev-wasm32", "their compiler's run time", hasWasmRuntime],
  ],
  bench: [
    ["wrk", "makes load"],
    ["nginx", "a peer to compare with"],
    ["libnginx-mod-http-js", "its JavaScript"],
    ["util-linux", "taskset"],
  ],
};

/**
 * Installs what is missing as root; else says the one line to run as root. Resolves to the groups that are not
 * complete: what needs them is left out.
 */
export async function installDebian(needs) {
  const wanted = needs.flatMap((group) => groups[group].map(([name, why, isThere]) => ({ group, name, why, isThere })));
  let missing = absent(wanted);
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name);
  const line = `apt-get update && apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if (process.getuid?.() === 0 && onPath("apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    try {
      await step(`installing Debian packages: ${names.join(", ")}`, async () => {
        await runQuietly("apt-get", ["update", "-q"], { env });
        await runQuietly("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...names], { env });
      });
    } catch (error) {
      say(error.message);
    }
    missing = absent(wanted);
    if (missing.length === 0) return [];
  }
  say("not installed:");
  for (const { name, why } of missing) say(`  ${name.padEnd(24)} ${why}`);
  say(`run this once as root, then this command again:\n\n  ${line}\n`);
  say("going on with what can be done without");
  return [...new Set(missing.map(({ group }) => group))];
}

function absent(packages) {
  const installed = installedPackages(packages.map(({ name }) => name));
  return packages.filter(({ name, isThere }) => !installed.has(name) && !isThere?.());
}

function installedPackages(names) {
  const query = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Abbrev}\n", ...names], {
    encoding: "utf8",
  });
  // Not Debian: what is on the path counts.
  if (query.error) return new Set(names.filter(onPath));
  const rows = query.stdout.split("\n").map((row) => row.trim().split(" "));
  return new Set(rows.filter(([, state]) => state === "ii").map(([name]) => name));
}

/** The name of Debian's package holds clang's version; the plain one is only the newest way to ask for it. */
function hasWasmRuntime() {
  const folders = ["/usr/lib/llvm-", "/usr/lib/clang/"].flatMap((prefix) => {
    const parent = prefix.slice(0, prefix.lastIndexOf("/"));
    return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
  });
  const clangs = folders.flatMap((folder) => {
    const inner = join(folder, "lib/clang");
    return existsSync(inner) ? readdirSync(inner).map((version) => join(inner, version)) : [folder];
  });
  return clangs.some((folder) => existsSync(join(folder, "lib/wasi/libclang_rt.builtins-wasm32.a")));
}

function onPath(program) {
  return (process.env.PATH ?? "").split(":").some((folder) => folder !== "" && existsSync(join(folder, program)));
}
