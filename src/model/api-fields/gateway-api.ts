/**
 * Fields of the kinds of the Gateway API that are read, of both of its channels and of its releases 1.0 to 1.6, as they do
 * not contradict each other; see `field-table.ts` for how they are written.
 */
export const gatewayApi = {
  BackendTLSPolicy: `spec{options targetRefs{group kind name sectionName}
    validation{caCertificateRefs{group kind name} hostname subjectAltNames{hostname type uri} wellKnownCACertificates}}`,
  Gateway: `spec{addresses{type value} allowedListeners{namespaces:Namespaces} backendTLS:ClientTls defaultScope
    gatewayClassName infrastructure{annotations labels parametersRef{group kind name}} listeners:Listener
    tls{backend:ClientTls frontend{default{validation:Clients} perPort{port tls{validation:Clients}}}}}`,
  GatewayClass: "spec{controllerName description parametersRef:Reference}",
  GRPCRoute: `spec{hostnames parentRefs:ParentRef useDefaultGateways
    rules{backendRefs:BackendRef filters:Filter matches{headers{name type value} method{method service type}} name
      sessionPersistence:Session}}`,
  HTTPRoute: `spec{hostnames parentRefs:ParentRef useDefaultGateways
    rules{backendRefs:BackendRef filters:Filter
      matches{headers{name type value} method path{type value} queryParams{name type value}} name
      retry{attempts backoff codes} sessionPersistence:Session timeouts{backendRequest request}}}`,
  ListenerSet: "spec{listeners:Listener parentRef:Reference}",
  ReferenceGrant: "spec{from{group kind namespace} to{group kind name}}",
  TCPRoute: "spec{parentRefs:ParentRef rules:StreamRule useDefaultGateways}",
  TLSRoute: "spec{hostnames parentRefs:ParentRef rules:StreamRule useDefaultGateways}",
  UDPRoute: "spec{parentRefs:ParentRef rules:StreamRule useDefaultGateways}",
  XBackendTrafficPolicy: `spec{retryConstraint{budget{interval percent} minRetryRate{count interval}}
    sessionPersistence:Session targetRefs{group kind name}}`,

  Reference: "group kind name namespace",
  ParentRef: "group kind name namespace port sectionName",
  Namespaces: "from selector{matchExpressions{key operator values} matchLabels}",
  Clients: "caCertificateRefs:Reference mode",
  ClientTls: "clientCertificateRef:Reference",
  Listener: `allowedRoutes{kinds{group kind} namespaces:Namespaces} hostname name port protocol
    tls{certificateRefs:Reference frontendValidation:Clients mode options}`,
  StreamRule: "backendRefs{group kind name namespace port weight} name",
  BackendRef: "filters:Filter group kind name namespace port weight",
  Session: `absoluteTimeout cookie{lifetimeType name path} cookieConfig{lifetimeType} header{name} idleTimeout sessionName
    type`,
  Filter: `cors{allowCredentials allowHeaders allowMethods allowOrigins exposeHeaders maxAge} extensionRef{group kind name}
    externalAuth{backendRef:Backend forwardBody{maxSize} grpc{allowedHeaders}
      http{allowedHeaders allowedResponseHeaders path} protocol}
    requestHeaderModifier:HeaderEdits requestMirror{backendRef:Backend fraction{denominator numerator} percent}
    requestRedirect{hostname path:PathEdit port scheme statusCode} responseHeaderModifier:HeaderEdits type
    urlRewrite{hostname path:PathEdit}`,
  Backend: "group kind name namespace port",
  HeaderEdits: "add{name value} remove set{name value}",
  PathEdit: "replaceFullPath replacePrefixMatch type",
} as const;
