import { parse } from "../../model/index.ts";
import type { Resources } from "../../model/index.ts";
import { buildNeeds } from "../../gitops/resolve/index.ts";
import { siteName } from "../../gitops/name.ts";
import { plan } from "../../gitops/plan/index.ts";
import { unservedAddresses } from "../../gitops/site.ts";
import { readFolder } from "../../gitops/source/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { existingFolder } from "../up/folder.ts";
import { examineCompilers } from "./compilers.ts";
import { examineEngine } from "./engine.ts";
import type { Finding } from "./finding.ts";
import { examineFolders } from "./folders.ts";
import { examineName } from "./name.ts";
import { examinePorts, type Listening } from "./ports.ts";
import { examineWasmEdge } from "./wasmedge.ts";

/** What a site needs; without a site nothing is needed for sure. */
export interface Needs {
  containers: boolean;
  builds: boolean;
  wasmEdge: boolean;
  listening: Listening | undefined;
  /** Name of the site. */
  site: string | undefined;
}

const nothing: Needs = { containers: false, builds: false, wasmEdge: false, listening: undefined, site: undefined };

/** Every finding, in the order in which one would mend them. */
export async function examine(dir: string | undefined, terminal: Terminal): Promise<Finding[]> {
  const needs = dir === undefined ? nothing : await needsOf(dir, terminal.cwd);
  return [
    node(),
    await packages(),
    ...(await examineEngine(needs.containers, terminal.environment)),
    ...(await examineCompilers(needs.builds)),
    await examineWasmEdge(needs.wasmEdge, terminal.environment),
    ...(await examineFolders(terminal)),
    ...(needs.listening && needs.site
      ? await examineName(needs.listening.folder, needs.site, terminal.environment)
      : []),
    ...(needs.listening ? await examinePorts(needs.listening, terminal.environment) : []),
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
  const folder = await existingFolder(dir, cwd);
  const { resources } = parse((await readFolder(folder)).files);
  const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"] as const;
  return {
    containers: kinds.some((kind) => resources.all(kind).length > 0),
    builds: buildNeeds(resources).some(({ type }) => type === "component"),
    wasmEdge: resources.all("WasmComponent").some(({ spec }) => spec.runtime === "wasmedge"),
    listening: await listeningOf(folder, resources),
    site: siteName(folder, resources),
  };
}

/** What `up` would listen on, and what it would leave closed: as it is planned, whatever becomes of components. */
async function listeningOf(folder: string, resources: Resources): Promise<Listening> {
  const resolved = { components: new Map(), builds: new Map() };
  const site = siteName(folder, resources);
  const planned = plan(resources, resolved, { site, absentAddresses: await unservedAddresses(resources) });
  return {
    folder,
    ports: planned.plan.gateway.listeners,
    unserved: planned.problems.filter(({ code }) => code === "address-not-usable"),
  };
}
