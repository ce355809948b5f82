import type { ErrorDefinition } from "./error.ts";

/**
 * Every error code, with whose fault it is and what a caller may do.
 * A new code is one line here; the reference page is generated from this table.
 */
const made = () =>
  ({
    // command line
    usage: { fault: "user", retry: "never" },
    "state-refused": { fault: "user", retry: "never" },
    "state-locked": { fault: "user", retry: "backoff" },
    "not-running": { fault: "user", retry: "never" },
    "site-invalid": { fault: "user", retry: "never" },
    "build-failed": { fault: "user", retry: "never" },
    "build-consent": { fault: "user", retry: "never" },
    "port-in-use": { fault: "user", retry: "backoff" },
    environment: { fault: "environment", retry: "never" },
    internal: { fault: "internal", retry: "never" },

    // components
    "component-malformed": { fault: "user", retry: "never" },
    "component-unsupported": { fault: "user", retry: "never" },
    "component-trapped": { fault: "user", retry: "never", status: 500 },
    "component-memory": { fault: "user", retry: "never", status: 500 },
    "component-no-answer": { fault: "user", retry: "never", status: 500 },
    "component-cpu": { fault: "user", retry: "never", status: 504 },
    "component-wall": { fault: "user", retry: "never", status: 504 },
    "component-body-limit": { fault: "user", retry: "never", status: 500 },
    "component-resources": { fault: "user", retry: "never", status: 500 },
    "component-denied": { fault: "user", retry: "never", status: 500 },
    "cache-corrupt": { fault: "internal", retry: "now" },

    // a request through the gateway
    "request-malformed": { fault: "user", retry: "never", status: 400 },
    "method-refused": { fault: "user", retry: "never", status: 405 },
    "request-too-large": { fault: "user", retry: "never", status: 413 },
    "headers-too-large": { fault: "user", retry: "never", status: 431 },
    "request-too-slow": { fault: "user", retry: "never", status: 408 },
    "client-stalled": { fault: "user", retry: "backoff", status: 408 },
    "request-timeout": { fault: "upstream", retry: "never", status: 504 },
    "client-gone": { fault: "user", retry: "never", status: 499 },
    "backend-unresolved": { fault: "user", retry: "never", status: 500 },
    "filter-unresolved": { fault: "user", retry: "never", status: 500 },
    "backend-unreachable": { fault: "upstream", retry: "backoff", status: 503 },
    "backend-timeout": { fault: "upstream", retry: "never", status: 504 },
    "backend-reset": { fault: "upstream", retry: "backoff", status: 503 },
    "backend-broken": { fault: "upstream", retry: "never", status: 502 },
    overloaded: { fault: "internal", retry: "backoff", status: 503 },
    draining: { fault: "internal", retry: "backoff", status: 503 },

    // containers
    "engine-missing": { fault: "environment", retry: "never" },
    "engine-broken": { fault: "environment", retry: "backoff" },
    "engine-failed": { fault: "upstream", retry: "backoff" },
    "image-missing": { fault: "user", retry: "backoff" },
    "pod-refused": { fault: "user", retry: "never" },
  }) as const satisfies Record<string, ErrorDefinition>;

let table: ReturnType<typeof made> | undefined;

/** Made when it is asked for: to make it takes longer than anything else that a short command loads of this folder. */
export function definitions(): ReturnType<typeof made> {
  return (table ??= made());
}

/** The closed union of error codes. */
export type ErrorCode = keyof ReturnType<typeof made>;
