import { createHmac, timingSafeEqual } from "node:crypto";

const tagBytes = 6;
const macBytes = 16;
const payloadBytes = 2 * tagBytes + 8;
const tokenLength = Math.ceil(((payloadBytes + macBytes) * 4) / 3);

/** What a session token says. Backend and endpoint are tags: the token tells nobody where they are. */
export interface SessionToken {
  backend: string;
  /** Empty where the backend has no endpoints. */
  endpoint: string;
  /** Seconds since 1970. */
  created: number;
  seen: number;
}

/** Signs and checks the tokens of one route's session with a key of its own. */
export class TokenSigner {
  readonly #key: Buffer;
  readonly #tags = new Map<string, string>();

  /** @param siteKey secret of the site, 32 bytes; @param purpose keeps tokens of other routes from being taken. */
  constructor(siteKey: Uint8Array, purpose: string) {
    this.#key = createHmac("sha256", siteKey).update(`session\0${purpose}`).digest();
  }

  /** The tag of a backend or endpoint. */
  tag(name: string): string {
    if (name === "") return "";
    let tag = this.#tags.get(name);
    if (tag === undefined) {
      // Endpoints come and go; the names of a site's present ones are few.
      if (this.#tags.size > 10_000) this.#tags.clear();
      tag = createHmac("sha256", this.#key).update(`tag\0${name}`).digest().toString("hex", 0, tagBytes);
      this.#tags.set(name, tag);
    }
    return tag;
  }

  sign({ backend, endpoint, created, seen }: SessionToken): string {
    const payload = Buffer.alloc(payloadBytes);
    payload.write(backend, 0, "hex");
    payload.write(endpoint, tagBytes, "hex");
    payload.writeUInt32BE(created, 2 * tagBytes);
    payload.writeUInt32BE(seen, 2 * tagBytes + 4);
    return Buffer.concat([payload, this.#mac(payload)]).toString("base64url");
  }

  /** Undefined for anything that was not signed here. */
  read(text: string): SessionToken | undefined {
    if (text.length !== tokenLength) return undefined;
    const bytes = Buffer.from(text, "base64url");
    if (bytes.length !== payloadBytes + macBytes) return undefined;
    const payload = bytes.subarray(0, payloadBytes);
    if (!timingSafeEqual(bytes.subarray(payloadBytes), this.#mac(payload))) return undefined;
    const endpoint = payload.toString("hex", tagBytes, 2 * tagBytes);
    return {
      backend: payload.toString("hex", 0, tagBytes),
      endpoint: /^0+$/.test(endpoint) ? "" : endpoint,
      created: payload.readUInt32BE(2 * tagBytes),
      seen: payload.readUInt32BE(2 * tagBytes + 4),
    };
  }

  #mac(payload: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(payload).digest().subarray(0, macBytes);
  }
}
