import type { HostInterface } from "../define.ts";
import { cli } from "./cli.ts";
import { clocks } from "./clocks.ts";
import { filesystem } from "./filesystem/index.ts";
import { http } from "./http.ts";
import { random } from "./random.ts";
import { sockets } from "./sockets/index.ts";

export { Request, Response } from "./messages.ts";
export { answerOf } from "./response.ts";

/** The interfaces of WASI 0.3: worlds `service`, `middleware` and `command`. */
export const wasi3: Record<string, HostInterface> = {
  ...cli,
  ...clocks,
  ...filesystem,
  ...random,
  ...http,
  ...sockets,
};
