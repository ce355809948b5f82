import { access, realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import { parse } from "../../model/index.ts";
import type { Resources } from "../../model/index.ts";
import { buildNeeds } from "../../gitops/resolve/index.ts";
import { readFolder } from "../../gitops/source/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { examineCompilers } from "./compilers.ts";
import { examineEngine } from "./engine.ts";
import type { Finding } from "./finding.ts";
import { examinePorts } from "./ports.ts";
import { examineState } from "./state.ts";
import { examineWasmEdge } from "./wasmedge.ts";

/** What a site needs; without a site nothing is needed for sure. */
export interface Needs {
  containers: boolean;
  builds: boolean;
  wasmEdge: boolean;
  ports: { address: string; port: number }[];
}

const nothing: Needs = { containers: false, builds: false, wasmEdge: false, ports: [] };

/** Every finding, in the order in which one would mend them. */
export async function examine(dir: string | undefined, terminal: Terminal): Promise<Finding[]> {
  const needs = dir === undefined ? nothing : await needsOf(dir, terminal.cwd);
  return [
    node(),
    await packages(),
    ...(await examineEngine(needs.containers, terminal.environment)),
    ...(await examineCompilers(needs.builds)),
    await examineWasmEdge(needs.wasmEdge, terminal.environment),
    await examineState(terminal),
    ...(await examinePorts(needs.ports)),
  ];
}

function node(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  const message = `${process.versions.node} (${process.execPath})`;
  if (major >= 26) return { subject: "node", state: "ok", message };
  return { subject: "node", state: "problem", message: `${message}: expected 26 or later`, fix: "npm run setup" };
}

async function packages(): Promise<Finding> {
  const names = ["yaml", "zod", "undici", "re2js", "prom-client"];
  const missing = names.filter((name) => {
    try {
      import.meta.resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return { subject: "npm packages", state: "ok", message: "installed" };
  return { subject: "npm packages", state: "problem", message: `not installed: ${missing.join(", ")}`, fix: "npm ci" };
}

async function needsOf(dir: string, cwd: string): Promise<Needs> {
  const folder = resolve(cwd, dir);
  await access(folder).catch((cause: unknown) => {
    throw new BandstandError("site-invalid", `${dir} is not there`, { remedy: "Name a site's folder.", cause });
  });
  const { resources } = parse((await readFolder(await realpath(folder))).files);
  const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"] as const;
  return {
    containers: kinds.some((kind) => resources.all(kind).length > 0),
    builds: buildNeeds(resources).some(({ type }) => type === "component"),
    wasmEdge: resources.all("WasmComponent").some(({ spec }) => spec.runtime === "wasmedge"),
    ports: portsOf(resources),
  };
}

function portsOf(resources: Resources): Needs["ports"] {
  return resources.all("Gateway").flatMap(({ spec }) =>
    spec.listeners.flatMap(({ port }) => {
      const addresses = (spec.addresses ?? []).flatMap(({ value }) => value ?? []);
      return (addresses.length > 0 ? addresses : ["127.0.0.1"]).map((address) => ({ address, port }));
    }),
  );
}
