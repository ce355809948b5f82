import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { Place } from "../../src/wasm/link/index.ts";
import { contextOf, load, requestOf, streamOf, textOf, type Loaded } from "./load.ts";

/** Memories of places, as they were kept, and how often they were compared after a reset. */
const memories = new WeakMap<Place, WebAssembly.Memory>();
const kept = new WeakMap<Place, Buffer>();
let compared = 0;

function content(place: Place): Buffer {
  return Buffer.from(memories.get(place)!.buffer);
}

/** Looks at every place of this thread, beside what the host does with it. */
beforeEach(() => {
  compared = 0;
  const { instantiate, keep, reset } = Place.prototype;
  vi.spyOn(Place.prototype, "instantiate").mockImplementation(function (this: Place) {
    const instance = instantiate.call(this);
    memories.set(this, instance.memory!);
    return instance;
  });
  vi.spyOn(Place.prototype, "keep").mockImplementation(function (this: Place) {
    keep.call(this);
    kept.set(this, Buffer.from(content(this)));
  });
  vi.spyOn(Place.prototype, "reset").mockImplementation(function (this: Place) {
    if (!reset.call(this)) return false;
    const [now, then] = [content(this), kept.get(this)!];
    if (!now.subarray(0, then.length).equals(then)) throw new Error("the memory is not what it was");
    if (now.subarray(then.length).some((byte) => byte !== 0)) throw new Error("something is left behind the memory");
    compared++;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const loaded: Loaded[] = [];
afterAll(() => Promise.all(loaded.map((component) => component.close())));

it.each(["hello-c", "echo", "hello-assemblyscript", "hello-typescript"])(
  "after every request the memory is what it was before the first, bit by bit: %s",
  async (name) => {
    const guest = await load(`tests/guests/${name}`);
    loaded.push(guest);
    for (let i = 0; i < 20; i++) {
      const long = "long".repeat(i * 200);
      const headers = ["authorization", `Bearer ${long}`, "x-other", "a secret"];
      const body = i % 3 === 0 ? streamOf([long, long]) : i % 3 === 1 ? long : undefined;
      const response = await guest.handle(
        requestOf({ method: "POST", target: `/${long}`, headers, body }),
        contextOf(),
      );
      await textOf(response);
      // A guest that waits gives its seat back a moment after its answer.
      await new Promise((resolve) => setImmediate(resolve));
    }
    // A place whose memory grew is not reset the first three times.
    expect(compared).toBeGreaterThanOrEqual(16);
  },
);
