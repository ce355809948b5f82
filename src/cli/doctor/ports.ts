import { createServer } from "node:net";
import { authority } from "../../node/site/index.ts";
import type { Finding } from "./finding.ts";

/** Whether the site's listeners could be opened now. */
export async function examinePorts(ports: readonly { address: string; port: number }[]): Promise<Finding[]> {
  return Promise.all(
    ports.map(async ({ address, port }): Promise<Finding> => {
      const subject = `port ${authority(address, port)}`;
      const code = await tryToBind(address, port);
      if (code === undefined) return { subject, state: "ok", message: "free" };
      if (code === "EADDRINUSE") {
        const fix = `ss -ltnp 'sport = :${port}' names the process; bandstand status tells if it is ours`;
        return { subject, state: "missing", message: "used by a process", fix };
      }
      const fix =
        code === "EACCES"
          ? "Use a port above 1023, or as root: sysctl net.ipv4.ip_unprivileged_port_start=80"
          : "Correct spec.addresses of the Gateway.";
      return { subject, state: "problem", message: `cannot be bound: ${code}`, fix };
    }),
  );
}

async function tryToBind(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  } finally {
    server.close();
  }
}
