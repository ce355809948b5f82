import { z } from "zod";
import { container, ephemeralContainer } from "./container.ts";
import { label, labels, namespaced, open, templateMetadata } from "./fields.ts";
import { checkNames } from "./pod-names.ts";
import { volume } from "./volume.ts";

/** What a pod runs as; the pod-wide part of a security context. */
const podSecurityContext = open({
  runAsUser: z.int().min(0).optional(),
  runAsGroup: z.int().min(0).optional(),
  runAsNonRoot: z.boolean().optional(),
  fsGroup: z.int().min(0).optional(),
  supplementalGroups: z.array(z.int().min(0)).optional(),
  seccompProfile: open({ type: z.string() }).optional(),
  appArmorProfile: open({ type: z.string() }).optional(),
  seLinuxOptions: open({
    type: z.string().optional(),
    user: z.string().optional(),
    role: z.string().optional(),
  }).optional(),
  sysctls: z.array(open({ name: z.string(), value: z.string() })).optional(),
  windowsOptions: open({ hostProcess: z.boolean().optional() }).optional(),
});

/** PodSpec of core/v1. */
const podSpec = open({
  containers: z.array(container).min(1),
  initContainers: z.array(container).optional(),
  ephemeralContainers: z.array(ephemeralContainer).optional(),
  volumes: z.array(volume).optional(),
  restartPolicy: z.enum(["Always", "OnFailure", "Never"]).optional(),
  terminationGracePeriodSeconds: z.int().min(0).optional(),
  activeDeadlineSeconds: z.int().min(1).optional(),
  hostNetwork: z.boolean().optional(),
  hostPID: z.boolean().optional(),
  hostIPC: z.boolean().optional(),
  hostname: label.optional(),
  subdomain: label.optional(),
  hostAliases: z.array(open({ ip: z.string(), hostnames: z.array(z.string()).optional() })).optional(),
  securityContext: podSecurityContext.optional(),
  nodeSelector: labels.optional(),
  serviceAccountName: z.string().optional(),
  imagePullSecrets: z.array(open({ name: z.string().optional() })).optional(),
});
export type PodSpec = z.output<typeof podSpec>;

export const podTemplate = open({ metadata: templateMetadata.optional(), spec: podSpec });
export type PodTemplate = z.output<typeof podTemplate>;

export const pod = open({
  apiVersion: z.literal("v1"),
  kind: z.literal("Pod"),
  metadata: namespaced(),
  spec: podSpec.superRefine((spec, context) => checkNames(spec, [], [], context)),
});
/** Pod of core/v1. */
export type Pod = z.output<typeof pod>;
