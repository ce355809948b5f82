import { expect, it } from "vitest";
import { EndpointPools } from "../upstream/pools.ts";
import { service } from "../workers/testing/plans.ts";
import { Services } from "./services.ts";

it("a service with another policy is another one, until its configuration goes", () => {
  const services = new Services(new EndpointPools());
  const plain = service(9);
  const careful = { ...plain, policy: { limits: { requests: 1 } } };
  const before = services.take([plain]).get(plain.id);
  services.activate([plain]);
  expect(services.get(plain.id)).toBe(before);
  // One that is only built yet takes no requests of components.
  const after = services.take([careful]).get(plain.id);
  expect(after).not.toBe(before);
  expect(services.get(plain.id)).toBe(before);
  services.activate([careful]);
  services.release([plain]);
  expect(services.get(plain.id)).toBe(after);
  expect(after?.endpoints()).toEqual(["127.0.0.1:9"]);
  expect(before?.endpoints()).toEqual([]);
  // The same policy again is the same service: what is known of its endpoints stays.
  expect(services.take([careful]).get(plain.id)).toBe(after);
  services.release([careful]);
  expect(services.get(plain.id)).toBe(after);
  services.release([careful]);
  expect(services.get(plain.id)).toBeUndefined();
  expect(services.unavailable().size).toBe(0);
});
