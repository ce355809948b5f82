import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildComponent } from "../../src/toolchains/index.ts";
import type { Forwarded, Pairs } from "./reference-host/index.ts";
import { loadGuest } from "./reference-host/index.ts";

const guests = join(import.meta.dirname, "../../tests/guests");

let cache: string;
beforeAll(async () => void (cache = await mkdtemp(join(tmpdir(), "bandstand-guests-"))));
afterAll(() => rm(cache, { recursive: true }));

async function load(name: string) {
  return loadGuest((await buildComponent(join(guests, name), { cache })).bytes);
}

test.each(["hello-c", "hello-assemblyscript"])("%s answers", async (name) => {
  const answer = (await load(name)).answer({});
  expect(answer).toMatchObject({ status: 200, complete: true });
  expect(answer.body).toMatch(/^Hello from /);
});

test("a page of memory is enough for hello in C", async () => {
  const { bytes } = await buildComponent(join(guests, "hello-c"), { cache });
  // The first memory in the component is the module's: limits without maximum, one page.
  expect(Buffer.from(bytes).includes(Buffer.from([5, 3, 1, 0, 1]))).toBe(true);
});

test("echo in C gives back method, authority, target, headers and body", async () => {
  const body = "snare ".repeat(20_000);
  const headers: Pairs = [
    ["x-one", "1"],
    ["x-two", "2"],
    ["x-one", "11"],
  ];
  const answer = (await load("echo")).answer({ method: "PROPFIND", target: "/a?b=c", headers, body });
  expect(answer.body).toBe(`PROPFIND shop.example /a?b=c\nx-one: 1\nx-two: 2\nx-one: 11\n\n${body}`);
  expect(answer.complete).toBe(true);
});

describe.each(["middleware-c", "middleware-assemblyscript"])("%s", (name) => {
  test("passes the request on and the answer back", async () => {
    const guest = await load(name);
    const seen: (Forwarded & { text: string | undefined })[] = [];
    const large = "0123456789".repeat(50_000);
    const onwards = (request: Forwarded) => {
      seen.push({ ...request, text: request.body?.text() });
      return { status: 418, headers: [["x-inner", "yes"]] as Pairs, body: large };
    };
    const upload = "drum ".repeat(10_000);
    const answer = guest.answer({ method: "POST", target: "/x?y", headers: [["x-a", "b"]], body: upload }, { onwards });
    expect(answer).toMatchObject({ status: 418, body: large, complete: true });
    expect(answer.header("x-inner")).toBe("yes");
    expect(answer.header("x-middleware")).toBe(name.replace("middleware-", ""));
    expect(seen[0]).toMatchObject({
      method: "POST",
      scheme: "",
      authority: "next.bandstand.internal",
      target: "/x?y",
    });
    expect(seen[0]?.headers).toEqual([["x-a", "b"]]);
    expect(upload.startsWith(seen[0]?.text ?? "missing")).toBe(true);
  });

  test("sends a request without a body on without one, and no body back to HEAD", async () => {
    let forwarded: Forwarded | undefined;
    const onwards = (request: Forwarded) => {
      forwarded = request;
      return { status: 200, headers: [["content-length", "5"]] as Pairs, body: "" };
    };
    const answer = (await load(name)).answer({ method: "HEAD" }, { onwards });
    expect(forwarded?.body).toBeUndefined();
    expect(answer.header("content-length")).toBe("5");
  });

  test("passes on the status of a backend that has its own, and answers 502 where it is none", async () => {
    const guest = await load(name);
    const answered = (status: number) => {
      const answer = guest.answer({}, { onwards: () => ({ status, body: "its own" }) });
      return [answer.status, answer.body];
    };
    expect([600, 799, 999].map(answered)).toEqual([600, 799, 999].map((status) => [status, "its own"]));
    expect([0, 101, 199, 1000].map((status) => answered(status)[0])).toEqual([502, 502, 502, 502]);
  });

  test("answers 502 where the next stage is not reached", async () => {
    expect((await load(name)).answer({ body: "x" }, {}).status).toBe(502);
  });
});

test("outbound fetches what it is told to", async () => {
  const onwards = ({ scheme, authority, target }: Forwarded) => ({
    status: 200,
    body: `${scheme} ${authority} ${target}`,
  });
  const guest = await load("outbound");
  const fetched = (url: string) => guest.answer({ headers: [["x-fetch", url]] }, { onwards }).body;
  expect(fetched("https://api.example.com:8443/a?b")).toBe("https api.example.com:8443 /a?b");
  expect(fetched("http://api.example.com")).toBe("http api.example.com /");
  expect(guest.answer({}).status).toBe(400);
});
