import { fstatSync, statSync } from "node:fs";

/** Whether a person is at a descriptor of this process. What is no device is asked no further, since that costs a millisecond. */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    const found = fstatSync(descriptor);
    if (!found.isCharacterDevice() || found.rdev === statSync("/dev/null").rdev) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}
