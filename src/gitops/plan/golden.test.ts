import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolvedFor, resourcesOf } from "./testing.ts";
import { plan } from "./index.ts";

const folder = join(import.meta.dirname, "golden");

// One YAML → JSON pair an intent; `vitest run -u` rewrites the JSON.
for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
  test(`golden ${file}`, async () => {
    const resources = resourcesOf(readFileSync(join(folder, file), "utf8"));
    const planned = plan(resources, resolvedFor(resources), { site: "shop" });
    const text = JSON.stringify(
      { plan: planned.plan, secrets: [...planned.secrets.keys()], problems: planned.problems },
      null,
      2,
    );
    await expect(`${text}\n`).toMatchFileSnapshot(join(folder, file.replace(/\.yaml$/, ".plan.json")));
  });
}
