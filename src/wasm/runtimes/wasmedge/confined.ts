/**
 * A command line that ends with the thread that started it, gains no rights, and gets so much CPU time (the kernel counts
 * whole seconds; it is what stays if nobody else ends it) and data memory. WasmEdge is the sandbox; this keeps what it
 * costs within bounds.
 * @param limits seconds, which may be `Infinity`, and bytes.
 */
export function confined(
  limits: { cpu: number; memory: number },
  command: string,
  args: readonly string[],
): { command: string; args: string[] } {
  const script = 'ulimit -c 0; ulimit -t "$1"; ulimit -d "$2"; shift 2; exec "$@"';
  const seconds = Number.isFinite(limits.cpu) ? `${Math.ceil(limits.cpu)}` : "unlimited";
  const bounds = [seconds, `${Math.ceil(limits.memory / 1024)}`];
  return {
    command: "setpriv",
    args: ["--pdeathsig", "KILL", "--no-new-privs", "/bin/sh", "-c", script, "sh", ...bounds, command, ...args],
  };
}
