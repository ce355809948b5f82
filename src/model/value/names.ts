const label = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";

/** RFC 1123 label: Namespaces, containers, StatefulSet pods. At most 63 characters. */
export const dnsLabel = new RegExp(`^(?=.{1,63}$)${label}$`);
/** RFC 1123 subdomain: names of most resources. At most 253 characters. */
export const dnsSubdomain = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`);
/** RFC 1035 label, as Services need: begins with a letter. */
export const serviceName = /^(?=.{1,63}$)[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
/** Exact or wildcard hostname of Gateway API: `*.` only as the leftmost label, no port, no IP address. */
export const hostname = new RegExp(`^(?=.{1,253}$)(?!\\d+(?:\\.\\d+){3}$)(?:\\*\\.)?${label}(?:\\.${label})*$`);
/** The same, or an IPv4 address: nobody should write one, but the CRDs of the Gateway API take it, and a Host may be one. */
export const hostnameOrAddress = new RegExp(`^(?=.{1,253}$)(?:\\*\\.)?${label}(?:\\.${label})*$`);
/** IANA service name: port names. At most 15 characters, at least one letter. */
export const portName = /^(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
/** Keys of ConfigMaps and Secrets. */
export const configKey = /^(?=.{1,253}$)(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]+$/;
/** Keys of labels and annotations: optional DNS prefix, then a name of at most 63 characters. */
export const qualifiedName = new RegExp(
  `^(?:(?=[^/]{1,253}/)${label}(?:\\.${label})*/)?(?=[^/]{1,63}$)[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$`,
);
/** Values of labels. */
export const labelValue = /^(?=.{0,63}$)(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
/** RFC 9110 token: header names, methods. */
export const httpToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/;
