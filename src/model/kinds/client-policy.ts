import { isIP } from "node:net";
import { z } from "zod";
import { closed, complain, subdomain } from "./fields.ts";

function isNetwork(text: string): boolean {
  const [address = "", prefix, more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more !== undefined || address.includes("%")) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

const network = z.string().refine(isNetwork, { error: "an IP address or a network such as 10.0.0.0/8" });

/** Who stands between clients and a Gateway, and what requests are told about where they came from. */
export const clients = closed({
  /** Their X-Forwarded-*, Forwarded and Via are believed; nobody's are by default. */
  trustedProxies: z.array(network).min(1).max(64).optional(),
  /** Trusted proxies begin their connections with the PROXY protocol, version 1 or 2. */
  proxyProtocol: z.boolean().default(false),
  /** The name of this gateway in Via; without there is none. */
  via: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,64}$/, { error: "at most 64 letters, digits and '.', ':', '_', '-'" })
    .optional(),
  /** Bytes a second that the body of a request comes with at least, on average, after 20 s; 0: however slowly. Default 500. */
  minimumBodyRate: z.number().int().min(0).max(1_000_000_000).optional(),
  /** Create: a request that has no W3C trace context gets one. */
  traceContext: z.enum(["Pass", "Create"]).default("Pass"),
}).superRefine(({ trustedProxies, proxyProtocol }, context) => {
  if (proxyProtocol && trustedProxies === undefined)
    complain(
      context,
      ["trustedProxies"],
      "the addresses that may speak the PROXY protocol, since proxyProtocol is true",
    );
});

/** Pages for the answers that the gateway makes itself: keys `404`, `404.html`, `5xx.html`, `503.json`, `4xx.txt`. */
export const errorPages = closed({ configMap: subdomain });
