import type { Comparison, Measure } from "../measures.ts";
import { native } from "./native.ts";
import { timesOfKernels, type Variant } from "./times.ts";

const rewritten: { variant: Variant; isolation: string }[] = [
  { variant: "checks", isolation: "reuse" },
  { variant: "checks and marks", isolation: "request" },
];

/** What guests compute, as they run here: against their own module as it came, and against the same algorithm in JavaScript. */
async function compare(): Promise<Comparison[]> {
  const time = await timesOfKernels();
  return Object.keys(native).flatMap((kernel) =>
    rewritten.flatMap(({ variant, isolation }) => {
      const [figure, own] = [`${kernel}/s, ${isolation}`, 1000 / time(kernel, variant)];
      const against = (other: Variant): number => 1000 / time(kernel, other);
      return [
        { figure, own, base: against("plain"), against: "the module plain", reach: 1 / 1.4 },
        { figure, own, base: against("JavaScript"), against: "the same in JavaScript", reach: 1 / 1.8 },
      ];
    }),
  );
}

export const kernelMeasures: Measure[] = [{ name: "computing", run: compare }];
