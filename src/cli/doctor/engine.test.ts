import { expect, test } from "vitest";
import { findingOf } from "./engine.ts";
import { findingText } from "./doctor.ts";

const absent = { subject: "podman", ok: false, message: "not installed", fix: "apt-get install -y podman\nand again" };

test("what a site needs is a problem, what none needs is only missing", () => {
  expect(findingText(findingOf(absent, true))).toBe(
    "problem  podman: not installed\n         apt-get install -y podman\n         and again\n",
  );
  expect(findingText(findingOf(absent, false))).toMatch(/^missing /);
  expect(findingOf({ subject: "podman", ok: true, message: "4.3.1" }, true)).toEqual({
    subject: "podman",
    state: "ok",
    message: "4.3.1",
  });
});
