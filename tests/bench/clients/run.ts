// A client of the benches as a program of its own, so that it can have a core of its own:
//   node run.ts NAME OPTIONS-AS-JSON
// The last line of its stdout is what it saw, as JSON.
import { body } from "./body.ts";
import { handshakes } from "./handshakes.ts";
import { http2 } from "./http2.ts";
import { idle } from "./idle.ts";
import { neighbour } from "./neighbour.ts";
import { openLoad } from "./open-load.ts";

const clients: Record<string, (options: never) => Promise<object>> = {
  body,
  handshakes,
  http2,
  idle,
  neighbour,
  openLoad,
};
const [name = "", options = "{}"] = process.argv.slice(2);
const seen = await clients[name]?.(JSON.parse(options) as never);
process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0));
