/**
 * Drafts of WASI 0.3 that components were built against, by their dates. An interface that is not named here is
 * the same as in the release, name by name and byte by byte of its lowered form (compared with the WIT files that
 * https://github.com/WebAssembly/WASI tags with them); of one that is named, it says what differs.
 */
const drafts: Record<string, Record<string, string>> = {
  "2026-03-15": {},
  "2026-02-09": {
    "wasi:filesystem/types": "its errors and types of files are enumerations, and variants in WASI 0.3.0",
    "wasi:filesystem/preopens": "its descriptors are others than those of WASI 0.3.0",
    "wasi:sockets/types": "its errors are an enumeration, and a variant in WASI 0.3.0",
    "wasi:http/types": "its errors of headers and options have fewer cases than those of WASI 0.3.0, and less room",
    "wasi:sockets/ip-name-lookup": "its errors are an enumeration, and a variant in WASI 0.3.0",
  },
};

const draft = /^0\.3\.0-rc-(\d{4}-\d\d-\d\d)$/;

/** Why an interface of a draft is not served; undefined: it is, or is none of a draft. */
export function draftRefusal(name: string, version: string): string | undefined {
  const date = draft.exec(version)?.[1];
  if (date === undefined) return undefined;
  const differences = drafts[date];
  if (differences === undefined) return `a draft of WASI 0.3 that differs from its release (served: ${served})`;
  const difference = differences[name];
  return difference === undefined ? undefined : `a draft of WASI 0.3: ${difference}`;
}

const served = Object.keys(drafts)
  .map((date) => `0.3.0-rc-${date}`)
  .join(", ");
