import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { componentFile } from "./guests.ts";
import { startServer, type Server } from "./process.ts";

const root = join(import.meta.dirname, "../..");

/** A component of a bench site: a guest folder of `tests/guests`, or `wasi3/NAME`, and how it is isolated. */
export interface BenchComponent {
  name: string;
  guest: string;
  isolation: "request" | "reuse";
  /** Origins that it may fetch from. */
  origins?: string[];
  /** `limits` of its resource, in YAML. */
  limits?: string;
}

/** What one site serves under `/`. */
export interface BenchSite {
  name: string;
  components: BenchComponent[];
  /** Filters before these, each in YAML. */
  filters?: string[];
  /** Whole documents besides, in YAML. */
  more?: string;
  /** Names of middlewares before the backend, in order. */
  middlewares?: string[];
  backend: { component: string } | { port: number };
  /** Components that serve paths of their own. */
  paths?: Record<string, string>;
  /** Further routes, each with a path of its own that is redirected. */
  routes?: number;
  /** Files of a certificate and its key, in PEM: the listener speaks TLS. */
  tls?: { certificate: string; key: string };
  /** Cores that it may use; default: the server's. */
  cores?: string;
}

/** Writes the site's folder and starts `bandstand up` on it, pinned to the server's core: one worker. */
export async function bandstand(folder: string, port: number, site: BenchSite, flags: string[] = []): Promise<Server> {
  const home = join(folder, site.name);
  await mkdir(home, { recursive: true });
  for (const { name, guest } of site.components) {
    await copyFile(await componentFile(folder, guest), join(home, `${name}.wasm`));
  }
  await writeFile(join(home, "site.yaml"), documents(site, port));
  if (site.tls !== undefined) await writeFile(join(home, "secret.yaml"), await secret(site.tls));
  if (site.routes !== undefined) await writeFile(join(home, "routes.yaml"), routes(site.routes));
  const state = join(folder, "state");
  const args = ["up", home, "--no-watch", "--access-log", "off", ...flags];
  return startServer(join(root, "bin/bandstand"), args, port, {
    env: { BANDSTAND_STATE: state, BANDSTAND_DIST: "1" },
    seconds: 240,
    ...(site.cores === undefined ? {} : { core: site.cores }),
  });
}

async function secret({ certificate, key }: NonNullable<BenchSite["tls"]>): Promise<string> {
  const [crt, pem] = await Promise.all([certificate, key].map((file) => readFile(file, "base64")));
  return `apiVersion: v1
kind: Secret
metadata: {name: tls}
type: kubernetes.io/tls
data: {tls.crt: ${crt}, tls.key: ${pem}}
`;
}

function routes(count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route-${index}}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /route-${index}}}]
      filters: [{type: RequestRedirect, requestRedirect: {statusCode: 302}}]
`,
  ).join("---\n");
}

function documents(site: BenchSite, port: number): string {
  const middlewares = (site.middlewares ?? []).map(
    (name) =>
      `        - {type: ExtensionRef, extensionRef: {group: bandstand.dev, kind: WasmComponent, name: ${name}}}`,
  );
  const filters = [...(site.filters ?? []).map((filter) => `        - ${filter}`), ...middlewares];
  const backend =
    "component" in site.backend
      ? `{group: bandstand.dev, kind: WasmComponent, name: ${site.backend.component}}`
      : `{name: upstream, port: 80}`;
  const components = site.components.map(
    ({ name, isolation, origins = [], limits = "{}" }) => `---
apiVersion: bandstand.dev/v1alpha1
kind: WasmComponent
metadata: {name: ${name}}
spec: {file: ./${name}.wasm, isolation: ${isolation}, limits: ${limits}, capabilities: {http: ${JSON.stringify(origins)}}}
`,
  );
  const service =
    "port" in site.backend
      ? `---
apiVersion: v1
kind: Service
metadata: {name: upstream}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: upstream-1, labels: {kubernetes.io/service-name: upstream}}
addressType: IPv4
ports: [{name: http, port: ${site.backend.port}}]
endpoints: [{addresses: [127.0.0.1]}]
`
      : "";
  const own = Object.entries(site.paths ?? {}).map(
    ([path, name]) => `    - matches: [{path: {type: PathPrefix, value: ${path}}}]
      backendRefs: [{group: bandstand.dev, kind: WasmComponent, name: ${name}}]
`,
  );
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: bandstand
  listeners: [{name: http, port: ${port}, ${site.tls === undefined ? "protocol: HTTP" : "protocol: HTTPS, tls: {certificateRefs: [{name: tls}]}"}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /}}]
${filters.length > 0 ? `      filters:\n${filters.join("\n")}\n` : ""}      backendRefs: [${backend}]
${own.join("")}${components.join("")}${service}${site.more ?? ""}`;
}
