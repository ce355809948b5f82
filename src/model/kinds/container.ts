import { z } from "zod";
import { environmentName, label, open, port, portName, portOrName, quantity } from "./fields.ts";

/** Names a key of a ConfigMap or Secret in the same namespace. */
const keyReference = open({ name: z.string().min(1), key: z.string().min(1), optional: z.boolean().optional() });

const environmentVariable = open({
  name: environmentName,
  value: z.string().optional(),
  valueFrom: open({
    configMapKeyRef: keyReference.optional(),
    secretKeyRef: keyReference.optional(),
    fieldRef: open({ fieldPath: z.string() }).optional(),
    resourceFieldRef: open({ resource: z.string(), containerName: z.string().optional() }).optional(),
  }).optional(),
}).refine((variable) => !(variable.value && variable.valueFrom), {
  path: ["valueFrom"],
  error: "either value or valueFrom, not both",
});

const wholeReference = open({ name: z.string().min(1), optional: z.boolean().optional() });
const environmentSource = open({
  prefix: z.string().optional(),
  configMapRef: wholeReference.optional(),
  secretRef: wholeReference.optional(),
});

const exec = open({ command: z.array(z.string()).optional() });
const httpGet = open({
  path: z.string().optional(),
  port: portOrName,
  host: z.string().optional(),
  scheme: z.enum(["HTTP", "HTTPS"]).optional(),
  httpHeaders: z.array(open({ name: z.string(), value: z.string() })).optional(),
});
const tcpSocket = open({ port: portOrName, host: z.string().optional() });

const probe = open({
  httpGet: httpGet.optional(),
  tcpSocket: tcpSocket.optional(),
  exec: exec.optional(),
  grpc: open({ port }).optional(),
  initialDelaySeconds: z.int().min(0).optional(),
  periodSeconds: z.int().min(0).optional(),
  timeoutSeconds: z.int().min(0).optional(),
  successThreshold: z.int().min(0).optional(),
  failureThreshold: z.int().min(0).optional(),
});
export type Probe = z.output<typeof probe>;

const hook = open({
  exec: exec.optional(),
  httpGet: httpGet.optional(),
  tcpSocket: tcpSocket.optional(),
  sleep: open({ seconds: z.int().min(0) }).optional(),
});

const securityContext = open({
  privileged: z.boolean().optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  runAsUser: z.int().min(0).optional(),
  runAsGroup: z.int().min(0).optional(),
  runAsNonRoot: z.boolean().optional(),
  procMount: z.string().optional(),
  capabilities: open({ add: z.array(z.string()).optional(), drop: z.array(z.string()).optional() }).optional(),
  seccompProfile: open({ type: z.string() }).optional(),
  appArmorProfile: open({ type: z.string() }).optional(),
  seLinuxOptions: open({
    type: z.string().optional(),
    user: z.string().optional(),
    role: z.string().optional(),
  }).optional(),
  windowsOptions: open({ hostProcess: z.boolean().optional() }).optional(),
});

const resourceList = z.record(z.string(), quantity);

const common = {
  name: label,
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  workingDir: z.string().optional(),
  env: z.array(environmentVariable).optional(),
  envFrom: z.array(environmentSource).optional(),
  ports: z
    .array(
      open({
        name: portName.optional(),
        containerPort: port,
        hostPort: z.int().min(0).max(65535).optional(),
        hostIP: z.string().optional(),
        protocol: z.enum(["TCP", "UDP", "SCTP"]).optional(),
      }),
    )
    .optional(),
  resources: open({ limits: resourceList.optional(), requests: resourceList.optional() }).optional(),
  volumeMounts: z
    .array(
      open({
        name: z.string().min(1),
        mountPath: z.string().min(1),
        subPath: z.string().optional(),
        subPathExpr: z.string().optional(),
        readOnly: z.boolean().optional(),
      }),
    )
    .optional(),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  lifecycle: open({ postStart: hook.optional(), preStop: hook.optional() }).optional(),
  securityContext: securityContext.optional(),
  imagePullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).optional(),
  restartPolicy: z.string().optional(),
};

/** Container of core/v1; `restartPolicy: Always` on an init container makes it a sidecar. */
export const container = open({ ...common, image: z.string().min(1) });
export type Container = z.output<typeof container>;

export const ephemeralContainer = open({ ...common, image: z.string().optional() });
/** Container that joins a running pod; only `image` may be missing. */
export type EphemeralContainer = z.output<typeof ephemeralContainer>;
