import { expect, test } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { loggerTo } from "../../foundation/log/index.ts";
import type { Gateway } from "../../gateway/index.ts";
import { plan } from "../../gitops/plan/index.ts";
import { parse } from "../../model/index.ts";
import { RunningSite } from "./running-site.ts";

const logger = loggerTo(() => {});
const noEngine = (): never => {
  throw new Error("nobody wants containers");
};
const empty = plan(parse([]).resources, { components: new Map(), builds: new Map() }, { site: "test" }).plan;
const desired = { plan: empty, secrets: new Map(), problems: [], locate: () => undefined };

/** A gateway that takes a plan for as long as it is not closed, or at once. */
function gatewayThat(takes: "for ever" | "at once"): { gateway: Gateway; did: string[] } {
  const did: string[] = [];
  let close: (error: Error) => void = () => {};
  const closed = new Promise<never>((_, reject) => (close = reject));
  closed.catch(() => {});
  const gateway = {
    apply: () => (takes === "for ever" ? closed : Promise.resolve()),
    drain: async (milliseconds: number) => void did.push(`drain ${milliseconds}`),
    close: async () => {
      did.push("close");
      close(new BandstandError("internal", "it is closed"));
    },
  };
  return { gateway: gateway as unknown as Gateway, did };
}

test("a stop ends a start whose components take long", async () => {
  const { gateway, did } = gatewayThat("for ever");
  const site = new RunningSite({ gateway, createEngine: noEngine, logger });
  const started = site.start(desired);
  const failed = expect(started).rejects.toThrow("it is closed");
  await new Promise(setImmediate);
  await site.stop({ drain: 100, containers: "remove" });
  await failed;
  expect(did).not.toContain("drain 100");
});

test("a stop lets requests in flight end once the site is served", async () => {
  const { gateway, did } = gatewayThat("at once");
  const site = new RunningSite({ gateway, createEngine: noEngine, logger });
  await site.start(desired);
  await site.stop({ drain: 100, containers: "remove" });
  expect(did).toEqual(["drain 100", "close"]);
});
