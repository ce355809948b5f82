import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { anyHost, smallComponent } from "../testkit/index.ts";
import { encodeEntry } from "./entry.ts";
import { prepare, preparedVersion } from "./index.ts";

it("has a new version whenever what is stored changes (raise preparedVersion, then vitest -u)", async () => {
  // Without the digest: that is the toolchain's doing.
  const entry = encodeEntry({ ...prepare(await smallComponent(), anyHost, "request"), digest: "" });
  const hash = createHash("sha256").update(entry).digest("hex");
  await expect(`version ${preparedVersion}: ${hash}\n`).toMatchFileSnapshot(`golden/version-${preparedVersion}.txt`);
});
