import { get } from "wasi:config/store@0.2.0-rc.1";

/** A value of the component's `config`; undefined where it is missing. Not at the top level: that runs at build time. */
export function config(name: string): string | undefined {
  return get(name);
}
