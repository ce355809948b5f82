import { expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { loggerTo } from "../../foundation/log/index.ts";
import { component } from "../workers/testing/plans.ts";
import { Components } from "./components.ts";

it("tells of all components that do not start, and keeps none", async () => {
  const closed: string[] = [];
  const components = new Components(
    {
      load({ id }) {
        if (id !== "default/good") throw new BandstandError("component-trapped", "trapped", { remedy: `Mend ${id}.` });
        return Promise.resolve({ close: () => void closed.push(id) } as never);
      },
    },
    loggerTo(() => {}),
    () => () => Promise.reject(new Error("unused")),
    () => {},
  );
  const plans = ["bad", "good", "worse"].map((name) => component(name));
  const error = await components.take(plans, new Map()).catch((thrown: unknown) => thrown);
  const { others, ...first } = error as BandstandError;
  const told = [first, ...others].map(({ about, remedy }) => [about?.resource, remedy]);
  expect(told).toEqual([
    ["WasmComponent/default/bad", "Mend default/bad."],
    ["WasmComponent/default/worse", "Mend default/worse."],
  ]);
  await expect.poll(() => closed).toEqual(["default/good"]);
});
