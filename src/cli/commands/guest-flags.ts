import type { Flags } from "../program/command.ts";

/** Whom a guest that is started by hand trusts, and what it is told. */
export const settingFlags = {
  ca: {
    type: "string",
    value: "FILE",
    multiple: true,
    completes: "file",
    summary: "CA certificates in PEM that it trusts beside the system's, when it sends requests.",
  },
  config: { type: "string", value: "NAME=VALUE", multiple: true, summary: "A value of wasi:config." },
} as const satisfies Flags;

/** Key-value stores of a guest that is started by hand. */
export const keyValueFlags = {
  keyvalue: {
    type: "string",
    value: "STORE",
    multiple: true,
    mayBeEmpty: true,
    summary: "A key-value store that it may open by wasi:keyvalue (none).",
  },
  "keyvalue-file": {
    type: "string",
    value: "FILE",
    completes: "file",
    summary: "Keeps its key-value stores, and is made where it is not there (they are gone when it ends).",
  },
} as const satisfies Flags;
