import { fillRandom } from "../../../foundation/chance/index.ts";
import { host, type Function, type HostInterface } from "../define.ts";
import { hostLimits } from "../limits.ts";

/** Random bytes in stock: one call of the generator for many numbers. */
const stock = new BigUint64Array(512);
let left = 0;

/** A buffer for each call would be as much garbage, whose collection holds up others on the thread. */
const scratch = Buffer.alloc(64 << 10);

function randomU64(): bigint {
  if (left === 0) {
    fillRandom(stock);
    left = stock.length;
  }
  const taken = stock[--left]!;
  // What a guest was told must not lie about.
  stock[left] = 0n;
  return taken;
}

const bytes: Function = host("Ii", (guest, memory) => (length: bigint, result: number) => {
  const wanted = BigInt.asUintN(64, length);
  if (wanted > BigInt(hostLimits.randomBytes)) {
    throw guest.fail(
      "component-resources",
      `asked for ${wanted} random bytes, at most ${hostLimits.randomBytes} a call`,
    );
  }
  const at = memory.at(result, 8, 4);
  const size = Number(wanted);
  if (size > scratch.length || !guest.isOnce) {
    memory.putBytes(
      at,
      guest.once(() => fillRandom(Buffer.allocUnsafe(size))),
    );
    return;
  }
  const drawn = fillRandom(scratch.subarray(0, size));
  try {
    memory.putBytes(at, drawn);
  } finally {
    drawn.fill(0);
  }
});
const number: Function = host(":I", (guest) => () => guest.once(randomU64));

/** https://github.com/WebAssembly/wasi-random; the insecure ones are as good as the others. */
export const random: Record<string, HostInterface> = {
  "wasi:random/random": { functions: { "get-random-bytes": bytes, "get-random-u64": number }, resources: [] },
  "wasi:random/insecure": {
    functions: { "get-insecure-random-bytes": bytes, "get-insecure-random-u64": number },
    resources: [],
  },
  "wasi:random/insecure-seed": {
    functions: {
      "insecure-seed": host("i", (guest, memory) => (result: number) => {
        const at = memory.at(result, 16, 8);
        const [first, second] = (guest.insecureSeed ??= guest.once(() => [randomU64(), randomU64()]));
        memory.view.setBigUint64(at, first, true);
        memory.view.setBigUint64(at + 8, second, true);
      }),
    },
    resources: [],
  },
};
