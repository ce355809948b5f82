import { expect, it } from "vitest";
import { fixFor } from "./complaints.ts";

it("a HOME where nothing can be made is no reason to install Podman again", () => {
  for (const said of [
    "Error: creating runtime static files directory: mkdir /nonexistent/.local: permission denied",
    "Error: mkdir /nonexistent/.config: read-only file system",
  ]) {
    expect(fixFor(said, "As root: apt-get install --reinstall -y podman")).toContain("export HOME=DIR");
  }
  expect(fixFor("mkdir /var/lib/containers: permission denied")).not.toContain("HOME");
});
