import { expect } from "vitest";
import type { LoadedComponent } from "../../src/wasm/runtime.ts";
import { contextOf, requestOf, streamOf, textOf } from "./load.ts";

/** A middleware hands on a body of three times what `load` lets a guest read, whether its length is known or not. */
export async function passesOnLargeBodies(component: LoadedComponent): Promise<void> {
  const pieces = Array.from({ length: 48 }, () => "x".repeat(64 << 10));
  for (const body of [streamOf(pieces, 3 << 20), streamOf(pieces), "y".repeat(3 << 20)]) {
    let passed = 0;
    const response = await component.handle(requestOf({ method: "POST", body }), contextOf(), async (request) => {
      passed = (await textOf({ status: 0, headers: [], body: request.body })).length;
      return { status: 201, headers: [], body: undefined };
    });
    expect([response.status, passed]).toEqual([201, 3 << 20]);
  }
}
