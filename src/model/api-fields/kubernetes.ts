/**
 * Fields of the kinds of Kubernetes that are read, as its API server 1.35 knows them, those that are ignored here too; see
 * `field-table.ts` for how they are written. Volumes of clouds, which no pod gets here, are not looked into.
 */
export const kubernetes = {
  ConfigMap: "binaryData data immutable",
  DaemonSet: `spec{minReadySeconds revisionHistoryLimit selector:LabelSelector template:PodTemplate
    updateStrategy{rollingUpdate{maxSurge maxUnavailable} type}}`,
  Deployment: `spec{minReadySeconds paused progressDeadlineSeconds replicas revisionHistoryLimit selector:LabelSelector
    strategy{rollingUpdate{maxSurge maxUnavailable} type} template:PodTemplate}`,
  EndpointSlice: `addressType
    endpoints{addresses conditions{ready serving terminating} deprecatedTopology hints{forNodes{name} forZones{name}}
      hostname nodeName targetRef{apiVersion fieldPath kind name namespace resourceVersion uid} zone}
    ports{appProtocol name port protocol}`,
  Job: `spec{activeDeadlineSeconds backoffLimit backoffLimitPerIndex completionMode completions managedBy manualSelector
    maxFailedIndexes parallelism podFailurePolicy{rules{action onExitCodes{containerName operator values}
      onPodConditions{status type}}}
    podReplacementPolicy selector:LabelSelector successPolicy{rules{succeededCount succeededIndexes}} suspend
    template:PodTemplate ttlSecondsAfterFinished}`,
  Namespace: "spec{finalizers}",
  PersistentVolumeClaim: "spec:ClaimSpec",
  Pod: "spec:PodSpec",
  Secret: "data immutable stringData type",
  Service: `spec{allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy
    healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP
    loadBalancerSourceRanges ports{appProtocol name nodePort port protocol targetPort} publishNotReadyAddresses selector
    sessionAffinity sessionAffinityConfig{clientIP{timeoutSeconds}} trafficDistribution type}`,
  StatefulSet: `spec{minReadySeconds ordinals{start} persistentVolumeClaimRetentionPolicy{whenDeleted whenScaled}
    podManagementPolicy replicas revisionHistoryLimit selector:LabelSelector serviceName template:PodTemplate
    updateStrategy{rollingUpdate{maxUnavailable partition} type}
    volumeClaimTemplates{apiVersion kind metadata:Metadata spec:ClaimSpec status}}`,

  Metadata: `annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation
    labels managedFields name namespace ownerReferences{apiVersion blockOwnerDeletion controller kind name uid}
    resourceVersion selfLink uid`,
  LabelSelector: "matchExpressions{key operator values} matchLabels",
  ClaimSpec: `accessModes dataSource{apiGroup kind name} dataSourceRef{apiGroup kind name namespace}
    resources{limits requests} selector:LabelSelector storageClassName volumeAttributesClassName volumeMode volumeName`,

  PodTemplate: "metadata:Metadata spec:PodSpec",
  PodSpec: `activeDeadlineSeconds
    affinity{nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAffinity}
    automountServiceAccountToken containers:Container dnsConfig{nameservers options{name value} searches} dnsPolicy
    enableServiceLinks ephemeralContainers:Container hostAliases{hostnames ip} hostIPC hostNetwork hostPID hostUsers
    hostname hostnameOverride imagePullSecrets{name} initContainers:Container nodeName nodeSelector os{name} overhead
    preemptionPolicy priority priorityClassName readinessGates{conditionType}
    resourceClaims{name resourceClaimName resourceClaimTemplateName} resources:Resources restartPolicy runtimeClassName
    schedulerName schedulingGates{name} schedulingGroup workloadRef
    securityContext{appArmorProfile:Profile fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser
      seLinuxChangePolicy seLinuxOptions:Label seccompProfile:Profile supplementalGroups supplementalGroupsPolicy
      sysctls{name value} windowsOptions:Windows}
    serviceAccount serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds
    tolerations{effect key operator tolerationSeconds value}
    topologySpreadConstraints{labelSelector:LabelSelector matchLabelKeys maxSkew minDomains nodeAffinityPolicy
      nodeTaintsPolicy topologyKey whenUnsatisfiable}
    volumes:Volume`,
  NodeAffinity: `preferredDuringSchedulingIgnoredDuringExecution{preference:NodeTerm weight}
    requiredDuringSchedulingIgnoredDuringExecution{nodeSelectorTerms:NodeTerm}`,
  NodeTerm: "matchExpressions{key operator values} matchFields{key operator values}",
  PodAffinity: `preferredDuringSchedulingIgnoredDuringExecution{podAffinityTerm:PodTerm weight}
    requiredDuringSchedulingIgnoredDuringExecution:PodTerm`,
  PodTerm: `labelSelector:LabelSelector matchLabelKeys mismatchLabelKeys namespaceSelector:LabelSelector namespaces
    topologyKey`,

  Container: `args command env{name value valueFrom{configMapKeyRef:Key fieldRef:Field fileKeyRef{key optional path volumeName}
      resourceFieldRef:Amount secretKeyRef:Key}}
    envFrom{configMapRef{name optional} prefix secretRef{name optional}} image imagePullPolicy
    lifecycle{postStart:Hook preStop:Hook stopSignal} livenessProbe:Probe name
    ports{containerPort hostIP hostPort name protocol} readinessProbe:Probe resizePolicy{resourceName restartPolicy}
    resources:Resources restartPolicy restartPolicyRules{action exitCodes{operator values}}
    securityContext{allowPrivilegeEscalation appArmorProfile:Profile capabilities{add drop} privileged procMount
      readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seLinuxOptions:Label seccompProfile:Profile
      windowsOptions:Windows}
    startupProbe:Probe stdin stdinOnce targetContainerName terminationMessagePath terminationMessagePolicy tty
    volumeDevices{devicePath name}
    volumeMounts{mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr} workingDir`,
  Resources: "claims{name request} limits requests",
  Key: "key name optional",
  Field: "apiVersion fieldPath",
  Amount: "containerName divisor resource",
  Profile: "localhostProfile type",
  Label: "level role type user",
  Windows: "gmsaCredentialSpec gmsaCredentialSpecName hostProcess runAsUserName",
  Hook: "exec{command} httpGet:HttpGet sleep{seconds} tcpSocket{host port}",
  Probe: `exec{command} failureThreshold grpc{port service} httpGet:HttpGet initialDelaySeconds periodSeconds
    successThreshold tcpSocket{host port} terminationGracePeriodSeconds timeoutSeconds`,
  HttpGet: "host httpHeaders{name value} path port scheme",

  Volume: `awsElasticBlockStore azureDisk azureFile cephfs cinder configMap{defaultMode items:Items name optional} csi
    downwardAPI{defaultMode items:DownwardItems} emptyDir{medium sizeLimit}
    ephemeral{volumeClaimTemplate{metadata:Metadata spec:ClaimSpec}} fc flexVolume flocker gcePersistentDisk gitRepo
    glusterfs hostPath{path type} image{pullPolicy reference} iscsi name nfs{path readOnly server}
    persistentVolumeClaim{claimName readOnly} photonPersistentDisk portworxVolume
    projected{defaultMode sources{clusterTrustBundle configMap{items:Items name optional} downwardAPI{items:DownwardItems}
      podCertificate secret{items:Items name optional} serviceAccountToken{audience expirationSeconds path}}}
    quobyte rbd scaleIO secret{defaultMode items:Items optional secretName} storageos vsphereVolume`,
  Items: "key mode path",
  DownwardItems: "fieldRef:Field mode path resourceFieldRef:Amount",
} as const;
