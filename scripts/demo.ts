// The storefront, to look at: serves it, makes the requests that show what it does, and stays up.
//
//   npm run demo                                  until Ctrl-C
//   npm run demo -- --check                       the same on a copy, tries more, cleans up; exits 0 or 1
//   npm run --silent demo -- --token [--user U]   prints a token

import { parseArgs } from "node:util";
import { check } from "./demo/check.ts";
import { examineMachine } from "./demo/machine.ts";
import { serveShop } from "./demo/serve.ts";
import { say } from "./demo/say.ts";
import { tokenOf } from "./demo/token.ts";

const { values } = parseArgs({
  options: {
    check: { type: "boolean" },
    token: { type: "boolean" },
    user: { type: "string", default: "ada" },
  },
});

try {
  if (values.token) process.stdout.write(`${await tokenOf(values.user)}\n`);
  else if (values.check) process.exitCode = (await check(await examineMachine())) ? 0 : 1;
  else process.exitCode = await serveShop(await examineMachine());
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}
