/** `wasi:http/types@0.2.3` → interface `wasi:http/types`, version `0.2.3` (empty where there is none). */
export function interfaceName(text: string): { interface: string; version: string } {
  const at = text.lastIndexOf("@");
  return at < 0 ? { interface: text, version: "" } : { interface: text.slice(0, at), version: text.slice(at + 1) };
}
