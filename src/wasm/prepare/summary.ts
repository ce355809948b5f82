import type { Component } from "../binary/index.ts";
import { decodeComponent, decodeModule } from "../binary/index.ts";

/** What a component is, for people: works for components too that this host cannot run. */
export interface ComponentSummary {
  /** Bytes in all. */
  size: number;
  /** `wasi:http/types@0.2.3` and so on, as the component names them. */
  imports: string[];
  exports: string[];
  /** Core modules at any depth. */
  modules: { name: string | undefined; size: number }[];
}

/** Throws `component-malformed`. */
export function summarise(bytes: Uint8Array): ComponentSummary {
  const component = decodeComponent(bytes);
  const names = (kind: "import" | "export"): string[] =>
    component.definitions.flatMap((found) => (found.kind === kind ? [found.name] : []));
  return { size: bytes.length, imports: names("import"), exports: names("export"), modules: modulesOf(component) };
}

function modulesOf(component: Component): ComponentSummary["modules"] {
  return component.definitions.flatMap((found) => {
    if (found.kind === "component") return modulesOf(found.component);
    if (found.kind !== "core-module") return [];
    return [{ name: decodeModule(found.bytes, found.offset, found.entries).name, size: found.bytes.length }];
  });
}
