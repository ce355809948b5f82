/** YAML that several journeys start from. */

export function gateway(port: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: door }
spec:
  gatewayClassName: bandstand
  listeners: [{ name: http, protocol: HTTP, port: ${port} }]
`;
}

/** A route to one backend; `backend` is the inside of a backendRef. */
export function route(backend: string, filters = "[]"): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: all }
spec:
  parentRefs: [{ name: door }]
  rules:
    - filters: ${filters}
      backendRefs: [{ ${backend} }]
`;
}

/** A Service that a process of this machine serves. */
export function service(name: string, port: number): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ name: http, port: ${port} }]
endpoints: [{ addresses: [127.0.0.1] }]
`;
}

/** A component whose sources are AssemblyScript: the language that builds fastest. */
export const greeterSource = `import { Request, Response, log } from "@bandstand/sdk";
export function handle(request: Request): Response {
  log("greeted " + request.path);
  return Response.text("Hello from Wasm\\n");
}
`;

export const greeter = `apiVersion: bandstand.dev/v1alpha1
kind: WasmComponent
metadata: { name: greeter }
spec: { source: ./greeter }
`;
