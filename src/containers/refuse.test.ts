import { describe, expect, test } from "vitest";
import type { ContainerPlan, PodPlan } from "../model/plan/index.ts";
import { refusePod } from "./refuse.ts";
import { containerPlan, podPlan } from "./testing.ts";

const security = containerPlan().security;
const withContainer = (given: Partial<ContainerPlan>): PodPlan => podPlan("p", { containers: [containerPlan(given)] });
const mount = (path: string, subPath?: string): PodPlan =>
  withContainer({ mounts: [{ volume: "v", path, readOnly: false, ...(subPath === undefined ? {} : { subPath }) }] });

/** What no engine may be given, however it came into a plan. */
const hostile: [string, PodPlan][] = [
  ["privileged container", withContainer({ security: { ...security, privileged: true } })],
  [
    "capability beyond the baseline",
    withContainer({ security: { ...security, addCapabilities: ["CHOWN", "SYS_ADMIN"] } }),
  ],
  ["all capabilities", withContainer({ security: { ...security, addCapabilities: ["ALL"] } })],
  [
    "init container",
    podPlan("p", { initContainers: [containerPlan({ security: { ...security, privileged: true } })] }),
  ],
  ["folder of the host", podPlan("p", { volumes: [{ name: "v", type: "hostPath", path: "/" } as never] })],
  ["claim that is a path", podPlan("p", { volumes: [{ name: "v", type: "claim", volume: "/etc" }] })],
  ["claim that climbs", podPlan("p", { volumes: [{ name: "v", type: "claim", volume: "a..b" }] })],
  ["volume name that is a path", podPlan("p", { volumes: [{ name: "../../etc", type: "empty", medium: "disk" }] })],
  ["pod name that is a path", podPlan("../p")],
  ["container name that is a path", withContainer({ name: "a/../../b" })],
  ["mount over the root", mount("/")],
  ["mount over the root, disguised", mount("//./")],
  ["mount below /proc", mount("/proc/sys")],
  ["mount below /sys", mount("/sys")],
  ["mount that climbs", mount("/data/../proc")],
  ["mount that is no path", mount("data")],
  ["mount with options", mount("/data:rw,exec")],
  ["subPath that climbs", mount("/data", "a/../../b")],
  ["image of another transport", withContainer({ image: "docker-archive:/etc/shadow" })],
  ["image that is a folder", withContainer({ image: "dir:/root" })],
  ["image with a query", withContainer({ image: "alpine?policy=always" })],
  ["image with a line end", withContainer({ image: "alpine\n--privileged" })],
  ["host alias that Podman expands", podPlan("p", { hostAliases: [{ ip: "host-gateway", hostnames: ["x"] }] })],
  [
    "host alias with an address in its name",
    podPlan("p", { hostAliases: [{ ip: "10.0.0.1", hostnames: ["x:1.1.1.1"] }] }),
  ],
  ["name in the network", podPlan("p", { aliases: ["a,alias=b"] })],
  [
    "host address that is none",
    withContainer({ ports: [{ port: 80, protocol: "TCP", hostPort: 80, hostIP: "$(id)" }] }),
  ],
];

describe("the second lock", () => {
  test.each(hostile)("refuses: %s", async (what, plan) => {
    let message = "not refused";
    try {
      refusePod(plan);
    } catch (error) {
      message = (error as Error).message;
    }
    await expect(`${message}\n`).toMatchFileSnapshot(`golden/refused/${what.replaceAll(/[^a-z]+/gi, "-")}.txt`);
    expect(message).not.toBe("not refused");
  });

  test("lets the operator lift the baseline for a namespace, but nothing else", () => {
    refusePod(withContainer({ security: { ...security, privileged: true, addCapabilities: ["SYS_ADMIN"] } }), [
      "default",
    ]);
    const other = withContainer({ security: { ...security, privileged: true } });
    expect(() => refusePod(other, ["kube-system"])).toThrow("is privileged");
    expect(() => refusePod(mount("/proc"), ["default"])).toThrow("mount path");
  });

  test.each([
    "alpine",
    "alpine:3.20",
    "library/redis:7",
    "localhost/storefront/orders:1",
    "registry.example:5000/a/b_c/d-e:v1.2.3",
    `ghcr.io/x/y@sha256:${"a".repeat(64)}`,
    `ghcr.io/x/y:1@sha256:${"a".repeat(64)}`,
  ])("takes the image %s", (image) => refusePod(withContainer({ image })));

  test("takes what ordinary pods have", () => {
    refusePod(
      podPlan("bs-shop-default-orders-0", {
        aliases: ["orders-0.orders", "orders-0.orders.default.svc.cluster.local"],
        hostAliases: [{ ip: "::1", hostnames: ["db.local"] }],
        volumes: [
          { name: "data", type: "claim", volume: "bs-shop-default-data-orders-0" },
          { name: "kube.config", type: "files", mode: 0o644, files: [] },
        ],
        containers: [
          containerPlan({
            security: { ...security, addCapabilities: ["NET_BIND_SERVICE"] },
            mounts: [{ volume: "data", path: "/var/lib/..data", subPath: "a/..b", readOnly: false }],
            ports: [{ port: 80, protocol: "TCP", hostPort: 8080, hostIP: "127.0.0.1" }],
          }),
        ],
      }),
    );
  });
});
