/**
 * What the baseline of the Pod Security Standards (v1.34) allows. Host ports are allowed here: they are
 * how pods are published, bound to 127.0.0.1 unless `hostIP` says otherwise.
 */
export { allowedCapabilities } from "../plan/containers/security.ts";

export const allowedSysctls: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
]);

export const allowedSeLinuxTypes: ReadonlySet<string> = new Set([
  "",
  "container_t",
  "container_init_t",
  "container_kvm_t",
  "container_engine_t",
]);

export const allowedProfiles: ReadonlySet<string> = new Set(["RuntimeDefault", "Localhost"]);

export const appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";
export const allowedAppArmorAnnotation = /^(?:runtime\/default|localhost\/.*)?$/;
