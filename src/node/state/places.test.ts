import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cachePlaces, stateRoot } from "./index.ts";

it("an empty or relative HOME is none: nothing is kept in whatever folder one stands in", () => {
  const home = userInfo().homedir;
  for (const HOME of ["", "relative", undefined]) {
    expect(cachePlaces({ HOME }).prepared).toBe(join(home, ".cache/bandstand/prepared"));
    expect(stateRoot({ HOME }).path).toBe(join(home, ".local/state/bandstand"));
  }
  expect(cachePlaces({ HOME: "/h" }).prepared).toBe("/h/.cache/bandstand/prepared");
});
