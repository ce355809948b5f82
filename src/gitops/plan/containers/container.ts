import type { Container } from "../../../model/kinds/types.ts";
import type { ContainerPlan } from "../../../model/plan/index.ts";
import { parseQuantity } from "../../../model/value/index.ts";
import { Unplannable } from "../config/unplannable.ts";
import type { PodContext } from "./context.ts";
import { environmentOf, plain, wordsOf } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { expand } from "./expand.ts";
import { staysInside } from "./files.ts";
import { pullPolicyOf } from "./images.ts";
import { planProbes } from "./probes.ts";
import { planSecurity } from "./security.ts";

/** One container with every reference looked up. `readOnly` are the volumes that nobody may write. Throws Unplannable. */
export function planContainer(container: Container, readOnly: ReadonlySet<string>, pod: PodContext): ContainerPlan {
  const environment = environmentOf(container, pod);
  const { command, args, workingDir } = container;
  return {
    name: container.name,
    image: container.image,
    pullPolicy: pullPolicyOf(container.image, container.imagePullPolicy, pod.built.has(container.image)),
    ...(command?.length ? { command: wordsOf(command, environment, pod) } : {}),
    ...(args?.length ? { args: wordsOf(args, environment, pod) } : {}),
    ...(workingDir ? { workingDir } : {}),
    env: plain(environment),
    mounts: mountsOf(container, readOnly, environment, pod),
    ports: portsOf(container, pod),
    resources: resourcesOf(container),
    security: planSecurity(container, pod),
    probes: planProbes(container, pod),
    lifecycle: lifecycleOf(container, pod),
  };
}

function mountsOf(
  container: Container,
  readOnly: ReadonlySet<string>,
  environment: Environment,
  pod: PodContext,
): ContainerPlan["mounts"] {
  return (container.volumeMounts ?? []).map((mount) => {
    if (!mount.mountPath.startsWith("/")) {
      throw new Unplannable(
        `mountPath ${mount.mountPath} of container ${container.name} is not absolute`,
        "Begin it with '/'.",
        "invalid-value",
      );
    }
    const subPath = mount.subPath || subPathOf(mount.subPathExpr, environment, pod);
    if (subPath && !staysInside(subPath)) {
      throw new Unplannable(
        `subPath ${JSON.stringify(subPath)} leaves volume ${mount.name}`,
        "Use a relative path without '..'.",
        "invalid-value",
      );
    }
    return {
      volume: mount.name,
      path: mount.mountPath,
      ...(subPath ? { subPath } : {}),
      readOnly: mount.readOnly === true || readOnly.has(mount.name),
    };
  });
}

function subPathOf(expression: string | undefined, environment: Environment, pod: PodContext): string | undefined {
  if (!expression) return undefined;
  const value = pod.secrets.compose(expand(expression, environment));
  if ("value" in value) return value.value;
  throw new Unplannable(
    "subPathExpr holds the value of a Secret",
    "Use a plain variable: paths are no secrets.",
    "not-supported",
  );
}

function portsOf(container: Container, pod: PodContext): ContainerPlan["ports"] {
  return (container.ports ?? []).flatMap(({ name, containerPort, hostPort, hostIP, protocol = "TCP" }) => {
    if (protocol === "SCTP") {
      const what = `port ${containerPort} of container ${container.name} is left out: SCTP is not supported`;
      pod.warn("not-supported", what, "Use TCP or UDP.");
      return [];
    }
    return [
      {
        ...(name === undefined ? {} : { name }),
        port: containerPort,
        protocol,
        ...(hostPort ? { hostPort } : {}),
        hostIP: hostIP || "127.0.0.1",
      },
    ];
  });
}

/** Bytes, whole; cores. */
function resourcesOf({ resources }: Container): ContainerPlan["resources"] {
  const memory = quantity(resources?.limits?.["memory"]);
  const cpu = quantity(resources?.limits?.["cpu"]);
  return { ...(memory ? { memory: Math.ceil(memory) } : {}), ...(cpu ? { cpu } : {}) };
}

function quantity(value: string | number | undefined): number | undefined {
  return value === undefined ? undefined : parseQuantity(value);
}

function lifecycleOf({ name, lifecycle = {} }: Container, pod: PodContext): ContainerPlan["lifecycle"] {
  const planned: ContainerPlan["lifecycle"] = {};
  for (const hook of ["preStop", "postStart"] as const) {
    const handler = lifecycle[hook];
    if (handler?.exec?.command?.length) planned[hook] = { exec: [...handler.exec.command] };
    else if (handler) {
      const what = `${hook} of container ${name} is left out: only exec is supported`;
      pod.warn("not-supported", what, "Use exec.");
    }
  }
  return planned;
}
