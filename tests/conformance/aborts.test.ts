import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSite, type TestSite } from "./harness.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const head = (path: string, length: number): string =>
  [`POST ${path} HTTP/1.1`, "Host: protocols.example", `Content-Length: ${length}`, "", ""].join("\r\n");

/** Sends a part of a request and ends in one way; answers what came back. */
function broken(path: string, how: "half-close" | "reset"): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: site.ports.http });
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    socket.write(`${head(path, 100)}a part`);
    // The request must be under way: the gateway waits for more of its body.
    setTimeout(() => (how === "reset" ? socket.resetAndDestroy() : socket.end()), 100);
  });
}

/** Requests on the route so far, by status. */
async function counted(status: number): Promise<number> {
  const lines = (await site.gateway.metrics()).split("\n");
  const found = lines.filter((line) => line.startsWith("bandstand_requests_total{") && line.includes(`"${status}"`));
  return found.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe("who breaks off is told apart", () => {
  it.each(["/careless", "/behind-careless", "/"])(
    "a body that ends too early is the client's fault: %s",
    async (path) => {
      const before = await counted(400);
      const answer = await broken(path, "half-close");
      await expect.poll(() => counted(400), { timeout: 20_000 }).not.toBe(before);
      expect(await counted(400)).toBe(before + 1);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain("the request ended before its body was complete");
    },
  );

  it.each(["/careless", "/behind-careless", "/"])("a client that goes is no failure of ours: %s", async (path) => {
    const [gone, failed] = [await counted(499), await counted(500)];
    expect(await broken(path, "reset")).toBe("");
    await expect.poll(() => counted(499), { timeout: 20_000 }).not.toBe(gone);
    expect(await counted(499)).toBe(gone + 1);
    expect(await counted(500)).toBe(failed);
  });

  it("a backend that breaks behind a middleware is not the component's fault", async () => {
    const { status, body } = await site.ask({ host: "protocols.example", path: "/behind-careless/breaks" });
    expect(status).toBe(502);
    expect(JSON.parse(body)).toMatchObject({ code: "backend-broken" });
  });

  it("a backend's early answer reaches a client that still uploads", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const socket = connect({ host: "127.0.0.1", port: site.ports.http });
        let text = "";
        socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
        socket.on("error", () => {});
        socket.write(head("/early", 10_000_000));
        const upload = setInterval(() => socket.write(Buffer.alloc(50_000)), 1);
        await expect.poll(() => text.includes("too large"), { timeout: 20_000 }).toBe(true);
        clearInterval(upload);
        socket.destroy();
        return text;
      }),
    );
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*too large/);
  });
});
