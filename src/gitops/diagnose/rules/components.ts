import type { Path, Problem, WasmComponent } from "../../../model/index.ts";
import { isGranted } from "../../plan/grants.ts";
import { authoritiesNamed } from "../../plan/policies/authorities.ts";
import { danglingSource, missing } from "../references.ts";
import type { Rule, Subject } from "../rule.ts";

/** What a WasmComponent refers to exists. */
export const components: Rule = (subject) =>
  subject.resources
    .all("WasmComponent")
    .flatMap((component) => [
      ...configuration(component, subject),
      ...services(component, subject),
      ...authorities(component, subject),
    ]);

function authorities(component: WasmComponent, { resources, inventory }: Subject): Problem[] {
  const refs = component.spec.tls?.caCertificateRefs ?? [];
  return authoritiesNamed(refs, component.metadata.namespace, inventory).problems.flatMap(({ index, message }) =>
    resources.problem(component, ["spec", "tls", "caCertificateRefs", index, "name"], {
      severity: "warning",
      code: "dangling-reference",
      message: `${message}: it is not trusted`,
      remedy: "Name a ConfigMap with the certificates in ca.crt.",
    }),
  );
}

function configuration(component: WasmComponent, { resources, inventory }: Subject): Problem[] {
  const { namespace } = component.metadata;
  const { config, configFrom } = component.spec;
  const references: {
    kind: "ConfigMap" | "Secret";
    path: Path;
    reference: { name: string; key?: string } | undefined;
  }[] = [];
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === "string") continue;
    const path = ["spec", "config", name, "valueFrom"];
    references.push({ kind: "Secret", path: [...path, "secretKeyRef"], reference: value.valueFrom.secretKeyRef });
    references.push({
      kind: "ConfigMap",
      path: [...path, "configMapKeyRef"],
      reference: value.valueFrom.configMapKeyRef,
    });
  }
  configFrom.forEach((source, index) => {
    references.push({ kind: "Secret", path: ["spec", "configFrom", index, "secretRef"], reference: source.secretRef });
    references.push({
      kind: "ConfigMap",
      path: ["spec", "configFrom", index, "configMapRef"],
      reference: source.configMapRef,
    });
  });
  return references.flatMap(({ kind, path, reference }) => {
    const dangling = reference && danglingSource(kind, namespace, reference, inventory);
    if (dangling === undefined) return [];
    return resources.problem(component, [...path, dangling.field], {
      severity: "warning",
      code: "dangling-reference",
      ...dangling,
    });
  });
}

const form = /^([^.:]+)(?:\.([^.:]+)(?:\.svc)?)?(?::(\d+))?$/;

function services(component: WasmComponent, { resources, inventory }: Subject): Problem[] {
  const home = component.metadata.namespace;
  return component.spec.capabilities.services.flatMap((capability, index) => {
    const [, name = "", namespace = home, port] = form.exec(capability) ?? [];
    const path: Path = ["spec", "capabilities", "services", index];
    const from = { group: "bandstand.dev", kind: "WasmComponent", namespace: home };
    if (!isGranted({ from, to: { group: "", kind: "Service", namespace, name } }, inventory)) {
      const message = `no ReferenceGrant in namespace ${namespace} lets WasmComponents of ${home} use Service ${name}`;
      const remedy = `Add a ReferenceGrant to namespace ${namespace}, or use a Service of ${home}.`;
      return resources.problem(component, path, { severity: "warning", code: "missing-grant", message, remedy });
    }
    const service = inventory.find("Service", namespace, name);
    if (service === undefined) {
      const words = missing("Service", namespace, name, inventory);
      return resources.problem(component, path, { severity: "warning", code: "dangling-reference", ...words });
    }
    const ports = (service.spec.ports ?? []).map((candidate) => candidate.port);
    if (port === undefined || ports.length === 0 || ports.includes(Number(port))) return [];
    const message = `Service ${namespace}/${name} has no port ${port} (its ports: ${ports.join(", ")})`;
    const remedy = "Correct the port, or add it to the Service.";
    return resources.problem(component, path, { severity: "warning", code: "dangling-reference", message, remedy });
  });
}
