import { beforeAll, describe, expect, it } from "vitest";
import { isStream } from "../../src/foundation/http/index.ts";
import { contextOf, load, requestOf, streamOf, textOf, type Loaded } from "./load.ts";

describe("answers of WASI 0.2", () => {
  let component: Loaded;
  beforeAll(async () => void (component = await load("tests/guests/answers")));
  const ask = async (method: string, target: string) => component.handle(requestOf({ method, target }), contextOf());

  it("have trailers behind bodies that were complete at once too", async () => {
    const response = await ask("GET", "/trailers");
    expect(await textOf(response)).toBe("hello");
    expect(isStream(response.body) && response.body.trailers).toEqual(["x-sum", "5"]);
  });

  it.each(["/length", "/length-before"])("to HEAD say how long another would be: %s", async (target) => {
    const response = await ask("HEAD", target);
    expect([response.status, response.headers, await textOf(response)]).toEqual([200, ["content-length", "10"], ""]);
    await expect(ask("GET", target)).rejects.toThrow(expect.objectContaining({ code: "component-body-limit" }));
  });

  it("that nothing changed say how long another would be", async () => {
    const response = await ask("GET", "/unchanged");
    expect([response.status, response.headers, await textOf(response)]).toEqual([304, ["content-length", "10"], ""]);
  });

  it("may have a status of their own, with three digits", async () => {
    expect((await ask("GET", "/own-status")).status).toBe(999);
  });

  it("are complete where the guest returns and still holds their body", async () => {
    for (let request = 0; request < 3; request++) expect(await textOf(await ask("GET", "/held"))).toBe("hello");
    await expect(ask("GET", "/held-short")).rejects.toThrow(expect.objectContaining({ code: "component-body-limit" }));
  });

  it("are there where the guest ends itself after it answered, and says that all went well", async () => {
    for (let request = 0; request < 3; request++) expect(await textOf(await ask("GET", "/left"))).toBe("hello");
    for (const [target, message] of [
      ["/failed", "exited with code 1"],
      ["/left-before", "exited with code 0 instead of answering"],
    ] as const) {
      await expect(ask("GET", target)).rejects.toThrow(expect.objectContaining({ code: "component-trapped", message }));
    }
  });

  it("fail as a whole where their body was too long before anything of them went out", async () => {
    const error = expect.objectContaining({ code: "component-body-limit" }) as unknown;
    for (let request = 0; request < 2; request++)
      await expect(ask("GET", "/long-and-waits")).rejects.toThrow(error as Error);
  });

  it("are broken where they began with more of the request than may be read, though the guest takes that for its end", async () => {
    const body = (pieces: number) => streamOf(Array.from({ length: pieces }, () => "x".repeat(64 << 10)));
    const back = async (pieces: number) =>
      textOf(await component.handle(requestOf({ method: "POST", target: "/back", body: body(pieces) }), contextOf()));
    expect((await back(16)).length).toBe(1 << 20);
    await expect(back(17)).rejects.toThrow(expect.objectContaining({ code: "request-too-large" }));
  });

  it("are broken where it gives their body back unfinished", async () => {
    await expect(ask("GET", "/dropped")).rejects.toThrow(expect.objectContaining({ code: "component-no-answer" }));
  });
});
