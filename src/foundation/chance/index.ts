type Crypto = typeof import("node:crypto");

let crypto: Crypto | undefined;

/** `node:crypto`, loaded when it is first needed: that takes 4 ms, and short commands do without it. */
export function cryptography(): Crypto {
  return (crypto ??= process.getBuiltinModule("node:crypto"));
}

export function isCryptographyLoaded(): boolean {
  return crypto !== undefined;
}

/** Fills a view from the system's generator, and answers it. */
export function fillRandom<T extends NodeJS.ArrayBufferView>(view: T): T {
  return cryptography().randomFillSync(view);
}
