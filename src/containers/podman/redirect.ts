import { spawn } from "node:child_process";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { PortRedirect } from "../reconcile/driver.ts";

/**
 * Makes ports of a pod lead to others, in the pod's own network namespace: names lead to addresses and say nothing of
 * ports, so what calls `orders:80` arrives at port 80 of the pod. The kernel does it; it lives as long as the
 * pod, whether we run or not. `pid` is the process of the pod's sandbox. Throws `engine-failed`.
 */
export async function redirectPorts(pid: number, address: string, redirects: readonly PortRedirect[]): Promise<void> {
  const rules = redirects.flatMap(({ port, target, protocol }) => {
    const match = `-p ${protocol.toLowerCase()} --dport ${port}`;
    return [
      `-A PREROUTING ${match} -m addrtype --dst-type LOCAL -j REDIRECT --to-ports ${target}`,
      // What the pod itself sends to its own name.
      `-A OUTPUT -d ${address} ${match} -j DNAT --to-destination ${address}:${target}`,
    ];
  });
  const script = ["*nat", "-F PREROUTING", "-F OUTPUT", ...rules, "COMMIT", ""].join("\n");
  const { code, output } = await run(
    "nsenter",
    [`--net=/proc/${pid}/ns/net`, "iptables-restore", "--noflush", "--wait", "5"],
    script,
  );
  if (code === 0) return;
  throw new BandstandError("engine-failed", `ports of a Service cannot be led to its pods: ${output.trim()}`, {
    remedy: "Install iptables (`apt-get install -y iptables`), or give the Service the same port and targetPort.",
  });
}

function run(program: string, args: string[], input: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"], timeout: 10_000 });
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => (output = (output + chunk.toString("utf8")).slice(-2000)));
    child.once("error", (error) => resolve({ code: 1, output: error.message }));
    child.once("close", (code) => resolve({ code, output }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
