import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP, isIPv4 } from "node:net";
import { bits, identifier, integer, octets, sequence, set, tagged, text, time, yes } from "./der.ts";

/** A certificate and its private key, both PEM. */
export interface SelfSigned {
  certificate: string;
  key: string;
}

const day = 86_400_000;

/**
 * A certificate for names and IPv4 addresses, signed with its own key (ECDSA on P-256, RFC 5280): for development, and
 * for tests without a certificate authority. Clients trust it only where they are given it.
 * @param days how long from now; it began a day ago, since clocks differ.
 */
export function selfSigned(names: readonly [string, ...string[]], days = 365): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(identifier("1.2.840.10045.4.3.2"));
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const subject = sequence(set(sequence(identifier("2.5.4.3"), text(names[0]))));
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    subject,
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + days * day))),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(basicConstraints(), alternativeNames(names))),
  );
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, algorithm, bits(signature));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

/** An authority of its own, so that clients can be told to trust it. */
function basicConstraints(): Buffer {
  return sequence(identifier("2.5.29.19"), yes, octets(sequence(yes)));
}

function alternativeNames(names: readonly string[]): Buffer {
  const general = names.map((name) => {
    if (isIPv4(name)) return tagged(7, Buffer.from(name.split(".").map(Number)), false);
    if (isIP(name) !== 0) throw new RangeError(`only names and IPv4 addresses can be certified, got ${name}`);
    return tagged(2, Buffer.from(name), false);
  });
  return sequence(identifier("2.5.29.17"), octets(sequence(...general)));
}
