import { z } from "zod";
import { complain, hostnameOrAddress, namespaceSelector, open, port, subdomain } from "./fields.ts";

const allowedRoutes = open({
  namespaces: open({
    from: z.enum(["All", "Same", "Selector", "None"]).optional(),
    selector: namespaceSelector.optional(),
  }).optional(),
  kinds: z
    .array(open({ group: z.string().optional(), kind: z.string() }))
    .max(8)
    .optional(),
});

/** Which certificates of clients are good: by default a connection without one is ended. */
export const clientValidation = open({
  caCertificateRefs: z
    .array(open({ group: z.string(), kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .min(1)
    .max(8),
  mode: z.enum(["AllowValidOnly", "AllowInsecureFallback"]).optional(),
});

/** A listener of a Gateway or a ListenerSet. */
export const listener = open({
  name: subdomain,
  hostname: hostnameOrAddress.optional(),
  port,
  protocol: z.string().min(1).max(255),
  tls: open({
    mode: z.enum(["Terminate", "Passthrough"]).optional(),
    certificateRefs: z
      .array(
        open({
          group: z.string().optional(),
          kind: z.string().optional(),
          name: z.string(),
          namespace: z.string().optional(),
        }),
      )
      .max(64)
      .optional(),
    frontendValidation: clientValidation.optional(),
  }).optional(),
  allowedRoutes: allowedRoutes.optional(),
});
export type Listener = z.output<typeof listener>;

/** The rules of the Gateway API that look at several listeners of one resource. */
export function checkListeners(listeners: readonly Listener[], context: z.RefinementCtx): void {
  const names = new Set<string>();
  const places = new Set<string>();
  listeners.forEach(({ name, port: number, protocol, hostname: host = "", tls }, index) => {
    if (names.has(name))
      complain(
        context,
        ["listeners", index, "name"],
        "a name that no other listener here has",
        "Give it another name.",
      );
    names.add(name);
    const place = `${number}/${protocol}/${host}`;
    if (places.has(place)) {
      complain(
        context,
        ["listeners", index],
        "a combination of port, protocol and hostname that no other listener has",
      );
    }
    places.add(place);
    if (tls && ["HTTP", "TCP", "UDP"].includes(protocol)) {
      complain(context, ["listeners", index, "tls"], `no tls: the listener's protocol is ${protocol}`);
    }
  });
}
