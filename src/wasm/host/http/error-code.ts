import { BandstandError, type ErrorCode } from "../../../foundation/errors/index.ts";
import type { GuestMemory } from "../memory.ts";

/** What a case of `error-code` carries. */
type Payload = "none" | "dns" | "tls" | "u64?" | "u32?" | "field" | "field?" | "text?";

/** The cases of `wasi:http/types` error-code in order, what they carry, and what each means as an error of ours. */
const cases = [
  ["DNS-timeout", "none", "backend-timeout"],
  ["DNS-error", "dns", "backend-unreachable"],
  ["destination-not-found", "none", "backend-unreachable"],
  ["destination-unavailable", "none", "backend-unreachable"],
  ["destination-IP-prohibited", "none", "component-denied"],
  ["destination-IP-unroutable", "none", "backend-unreachable"],
  ["connection-refused", "none", "backend-unreachable"],
  ["connection-terminated", "none", "backend-reset"],
  ["connection-timeout", "none", "backend-timeout"],
  ["connection-read-timeout", "none", "backend-timeout"],
  ["connection-write-timeout", "none", "backend-timeout"],
  ["connection-limit-reached", "none", "overloaded"],
  ["TLS-protocol-error", "none", "backend-broken"],
  ["TLS-certificate-error", "none", "backend-broken"],
  ["TLS-alert-received", "tls", "backend-broken"],
  ["HTTP-request-denied", "none", "component-denied"],
  ["HTTP-request-length-required", "none", "request-malformed"],
  ["HTTP-request-body-size", "u64?", "request-too-large"],
  ["HTTP-request-method-invalid", "none", "request-malformed"],
  ["HTTP-request-URI-invalid", "none", "request-malformed"],
  ["HTTP-request-URI-too-long", "none", "request-malformed"],
  ["HTTP-request-header-section-size", "u32?", "headers-too-large"],
  ["HTTP-request-header-size", "field?", "headers-too-large"],
  ["HTTP-request-trailer-section-size", "u32?", "headers-too-large"],
  ["HTTP-request-trailer-size", "field", "headers-too-large"],
  ["HTTP-response-incomplete", "none", "backend-broken"],
  ["HTTP-response-header-section-size", "u32?", "backend-broken"],
  ["HTTP-response-header-size", "field", "backend-broken"],
  ["HTTP-response-body-size", "u64?", "backend-broken"],
  ["HTTP-response-trailer-section-size", "u32?", "backend-broken"],
  ["HTTP-response-trailer-size", "field", "backend-broken"],
  ["HTTP-response-transfer-coding", "text?", "backend-broken"],
  ["HTTP-response-content-coding", "text?", "backend-broken"],
  ["HTTP-response-timeout", "none", "backend-timeout"],
  ["HTTP-upgrade-failed", "none", "backend-broken"],
  ["HTTP-protocol-error", "none", "backend-broken"],
  ["loop-detected", "none", "backend-broken"],
  ["configuration-error", "none", "component-no-answer"],
  ["internal-error", "text?", "component-no-answer"],
] as const satisfies readonly (readonly [string, Payload, ErrorCode])[];

export type HttpErrorName = (typeof cases)[number][0];

/** An `error-code` as the host tells it to a guest. */
export interface HttpError {
  name: HttpErrorName;
  /** For `u64?` and `u32?`. */
  size?: number;
  /** For `text?`. */
  text?: string;
}

/** Bytes of an `error-code`, aligned to 8: its payload begins at +8. */
export const errorCodeSize = 32;

const places = new Map(cases.map(([name], index) => [name, index]));

export function putErrorCode(memory: GuestMemory, at: number, error: HttpError): void {
  const place = places.get(error.name)!;
  const payload = cases[place]![1];
  memory.bytes.fill(0, at, at + errorCodeSize);
  memory.view.setUint8(at, place);
  if (payload === "text?" && error.text !== undefined) {
    memory.putText(at + 12, error.text);
    memory.view.setUint8(at + 8, 1);
  } else if (error.size === undefined) return;
  else if (payload === "u64?") {
    memory.view.setUint8(at + 8, 1);
    memory.view.setBigUint64(at + 16, BigInt(error.size), true);
  } else if (payload === "u32?") {
    memory.view.setUint8(at + 8, 1);
    memory.view.setUint32(at + 12, error.size, true);
  }
}

/** What a guest answered in place of a response, as the error that ends its request. Undefined: no such case. */
export function errorFromGuest(place: number, text: string | undefined): BandstandError | undefined {
  const found = cases[place];
  if (found === undefined) return undefined;
  const [name, , code] = found;
  return new BandstandError(code, `answered with the error ${name}${text === undefined ? "" : `: ${text}`}`);
}

/** True where the case carries a text at the places of an optional string. */
export function carriesText(place: number): boolean {
  return cases[place]?.[1] === "text?";
}

/** Which case tells a guest that its body has another length than it said. */
export type LengthError = "HTTP-request-body-size" | "HTTP-response-body-size";

/** A body that a guest writes has more or fewer bytes than its content-length says. */
export class WrongLength extends BandstandError {
  readonly told: HttpError;

  constructor(name: LengthError, written: number, length: number) {
    const isLonger = written > length;
    const message = `the body ${isLonger ? "is longer than" : `has ${written} bytes,`} its content-length ${isLonger ? "" : "says "}${length}`;
    super("component-body-limit", message);
    this.told = { name, size: written };
  }
}

const told: Partial<Record<ErrorCode, HttpErrorName>> = {
  "component-denied": "HTTP-request-denied",
  "backend-unreachable": "destination-unavailable",
  "backend-timeout": "HTTP-response-timeout",
  "request-timeout": "HTTP-response-timeout",
  "component-wall": "HTTP-response-timeout",
  "component-cpu": "HTTP-response-timeout",
  "backend-broken": "HTTP-protocol-error",
  "backend-reset": "connection-terminated",
  "client-gone": "connection-terminated",
  "client-stalled": "connection-terminated",
  overloaded: "connection-limit-reached",
  draining: "connection-limit-reached",
  "request-too-large": "HTTP-request-body-size",
  "headers-too-large": "HTTP-request-header-section-size",
};

const systemErrors: Record<string, HttpErrorName> = {
  ECONNREFUSED: "connection-refused",
  ELOOP: "loop-detected",
  ECONNRESET: "connection-terminated",
  EPIPE: "connection-terminated",
  ETIMEDOUT: "connection-timeout",
  ENOTFOUND: "DNS-error",
  EAI_AGAIN: "DNS-timeout",
  EPROTO: "TLS-protocol-error",
  EHOSTUNREACH: "destination-IP-unroutable",
  ENETUNREACH: "destination-IP-unroutable",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS-certificate-error",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS-certificate-error",
  SELF_SIGNED_CERT_IN_CHAIN: "TLS-certificate-error",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TLS-certificate-error",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TLS-certificate-error",
};

/** OpenSSL has a code for each of its hundreds of reasons; the rest are in `systemErrors`. */
function nameOf(code: string): HttpErrorName | undefined {
  const known = systemErrors[code];
  if (known !== undefined) return known;
  if (!code.startsWith("ERR_SSL_")) return code.startsWith("CERT_") ? "TLS-certificate-error" : undefined;
  return code.includes("_ALERT_") ? "TLS-alert-received" : "TLS-protocol-error";
}

/** An error of ours as a guest sees it: the kind, never the text, which may name what lies behind the gateway. */
export function httpErrorOf(error: unknown): HttpError {
  if (error instanceof WrongLength) return error.told;
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  const system = typeof cause?.code === "string" ? nameOf(cause.code) : undefined;
  if (system !== undefined) return { name: system };
  const name = error instanceof BandstandError ? told[error.code] : undefined;
  return { name: name ?? "internal-error" };
}
