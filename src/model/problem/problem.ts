/** `error` stops an `up`; `warning` is served with the answer that the Gateway API defines. */
export type Severity = "error" | "warning";

/** What `check --json` prints for one problem; the shape is part of the public interface. */
export interface Problem {
  severity: Severity;
  /** Stable, from the closed list in `codes.ts`. */
  code: ProblemCode;
  /** What is wrong, with expected and got. */
  message: string;
  /** What to do about it. */
  remedy: string;
  /** Path relative to the site's folder; with line and column (from 1) where known. */
  file?: string;
  line?: number;
  column?: number;
  /** `Kind/namespace/name` of the resource that holds it. */
  resource?: string;
}

/** Words for a reference that leads nowhere: the same wherever they are said, so that they are said once. */
export function doesNotExist(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name} does not exist`;
}

export type ProblemCode = (typeof problemCodes)[number];

/** The closed list of problem codes. Adding one is adding a line. */
export const problemCodes = [
  "file-unreadable",
  "file-too-large",
  "file-not-utf8",
  "too-many-files",
  "no-documents",
  "yaml-syntax",
  "yaml-bomb",
  "not-supported",
  "unknown-kind",
  "schema",
  "unknown-field",
  "invalid-value",
  "duplicate-resource",
  "duplicate-site",
  "dangling-reference",
  "reference-cycle",
  "reference-not-granted",
  "route-conflict",
  "route-not-attached",
  "listener-conflict",
  "address-not-usable",
  "policy-conflict",
  "missing-grant",
  "not-served-yet",
  "escapes-folder",
  "source-missing",
  "component-invalid",
  "build-failed",
  "pod-security",
  "image-unavailable",
  "signature-missing",
  "resource-failed",
] as const;
