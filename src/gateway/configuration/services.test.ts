import { expect, it } from "vitest";
import { EndpointPools } from "../upstream/pools.ts";
import { service } from "../workers/testing/plans.ts";
import { Services } from "./services.ts";

it("a service with another policy is another one, until its configuration goes", () => {
  const services = new Services(new EndpointPools());
  const plain = { ...service(9), own: true };
  const careful = { ...plain, policy: { limits: { requests: 1 } } };
  const before = services.take(plain);
  services.activate([plain]);
  expect(services.get(plain.id)).toBe(before);
  // One that is only built yet takes no requests of components.
  const after = services.take(careful);
  expect(after).not.toBe(before);
  expect(services.get(plain.id)).toBe(before);
  services.activate([careful]);
  services.release([plain]);
  expect(services.get(plain.id)).toBe(after);
  expect(after?.endpoints()).toEqual(["127.0.0.1:9"]);
  expect(before?.endpoints()).toEqual([]);
  // The same policy again is the same service: what is known of its endpoints stays.
  expect(services.take(careful)).toBe(after);
  services.release([careful]);
  expect(services.get(plain.id)).toBe(after);
  services.release([careful]);
  expect(services.get(plain.id)).toBeUndefined();
  expect(services.unavailable().size).toBe(0);
});

it("what is reached another way is no component's", () => {
  const services = new Services(new EndpointPools());
  const other = { ...service(9), policy: { connectTimeout: 1 }, own: false };
  services.activate([other]);
  services.take(other);
  services.activate([other]);
  expect(services.get(other.id)).toBeUndefined();
  expect([...services.unavailable()]).toEqual([[other.id, 0]]);
});
