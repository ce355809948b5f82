import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { loggerTo } from "../../foundation/log/index.ts";
import { connectPodman } from "./service.ts";

const folder = mkdtempSync(join(tmpdir(), "service-"));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("a socket whose path would be too long stands elsewhere, and goes also where an earlier process was killed", async () => {
  const [temporary, stateDirectory] = [join(folder, "tmp"), join(folder, "s".repeat(110))];
  const left = join(temporary, "bandstand-socket-left");
  mkdirSync(left, { recursive: true });
  mkdirSync(join(stateDirectory, "podman"), { recursive: true });
  symlinkSync(join(left, "service.sock"), join(stateDirectory, "podman/service.sock"));
  vi.stubEnv("TMPDIR", temporary);
  const [program, asked] = [join(folder, "program"), join(folder, "asked")];
  writeFileSync(program, `#!/bin/sh\necho "$@" > ${asked}\nls ${temporary} >> ${asked}\nexit 1\n`, { mode: 0o755 });

  const environment = { PATH: process.env["PATH"] };
  const options = { site: "shop", stateDirectory, program, environment, root: folder, runroot: folder };
  await expect(connectPodman({ ...options, logger: loggerTo(() => {}) })).rejects.toThrow();
  const [, place = ""] = /unix:(\S+)\n/.exec(readFileSync(asked, "utf8")) ?? [];
  expect(place).toMatch(/bandstand-socket-\w+\/service\.sock$/);
  expect(existsSync(left)).toBe(false);
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(join(stateDirectory, "podman"))).not.toContain("service.sock");
});
