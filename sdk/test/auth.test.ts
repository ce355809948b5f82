import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildComponent } from "../../src/toolchains/index.ts";
import type { Forwarded, Guest, Pairs } from "./reference-host/index.ts";
import { loadGuest } from "./reference-host/index.ts";

const key = "a key of thirty-two bytes or more";
const now = 1_800_000_000;
const config = { JWT_SECRET: key, JWT_ISSUER: "storefront", JWT_AUDIENCE: "shop" };
const good = { iss: "storefront", aud: "shop", sub: "ada", exp: now + 60 };

let auth: Guest;
beforeAll(async () => {
  const cache = await mkdtemp(join(tmpdir(), "bandstand-auth-"));
  try {
    const folder = join(import.meta.dirname, "../../examples/storefront/components/auth");
    auth = await loadGuest((await buildComponent(folder, { cache })).bytes);
  } finally {
    await rm(cache, { recursive: true });
  }
});

const part = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const mac = (content: string, algorithm = "sha256", secret = key) =>
  createHmac(algorithm, secret).update(content).digest("base64url");
function signed(claims: unknown, header: unknown = { alg: "HS256", typ: "JWT" }, secret = key): string {
  const content = `${part(header)}.${part(claims)}`;
  return `${content}.${mac(content, "sha256", secret)}`;
}

/** Status, and the headers with which the request went on, if it did. */
function send(headers: Pairs, settings: Record<string, string> = config) {
  let forwarded: Pairs | undefined;
  const onwards = (request: Forwarded) => {
    forwarded = request.headers;
    return { status: 200, body: "inner" };
  };
  const answer = auth.answer({ headers }, { config: settings, now, onwards });
  return { ...answer, forwarded };
}
const bearer = (token: string): Pairs => [["authorization", `Bearer ${token}`]];

describe("tokens that pass", () => {
  test.each([
    ["a valid one", signed(good)],
    ["one without a type", signed(good, { alg: "HS256" })],
    ["an access token", signed(good, { alg: "HS256", typ: "at+jwt" })],
    ["a list of audiences", signed({ ...good, aud: ["other", "shop"] })],
    ["begun already", signed({ ...good, nbf: now })],
    ["fractions of seconds", signed({ ...good, exp: now + 0.5 })],
    [
      "spaces and escapes in its JSON",
      signed('{ "iss":"storefront", "aud":"sh\\u006fp", "sub":"ada", "exp": 18e8 }'.replace("18e8", `${now + 1}`)),
    ],
    ["a long payload over many blocks", signed({ ...good, note: "x".repeat(3000) })],
  ])("%s", (_name, token) => {
    const { status, body, forwarded } = send(bearer(token));
    expect({ status, body }).toEqual({ status: 200, body: "inner" });
    expect(forwarded).toContainEqual(["x-user", "ada"]);
  });

  test.each([0, 1, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 128])("a key beyond its block, %i bytes more", (more) => {
    const secret = "k".repeat(32 + more);
    expect(send(bearer(signed(good, { alg: "HS256" }, secret)), { ...config, JWT_SECRET: secret }).status).toBe(200);
  });

  test("the scheme in any case", () => {
    expect(send([["Authorization", `bEARER ${signed(good)}`]]).status).toBe(200);
  });
});

const token = signed(good);
const [header = "", claims = "", signature = ""] = token.split(".");
const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
const without = (name: keyof typeof good) => signed({ ...good, [name]: undefined });
const unsigned = (alg: unknown) => `${part({ alg })}.${part(good)}`;

describe("tokens that are refused", () => {
  test.each([
    ["expired this second", signed({ ...good, exp: now })],
    ["without expiry", without("exp")],
    ["expiry as text", signed({ ...good, exp: `${now + 60}` })],
    ["expiry beyond numbers", signed(JSON.stringify(good).replace(`${now + 60}`, "1e999"))],
    ["not valid yet", signed({ ...good, nbf: now + 1 })],
    ["first time as text", signed({ ...good, nbf: "0" })],
    ["another issuer", signed({ ...good, iss: "Storefront" })],
    ["no issuer", without("iss")],
    ["another audience", signed({ ...good, aud: "shop2" })],
    ["no audience", without("aud")],
    ["an empty list of audiences", signed({ ...good, aud: [] })],
    ["a number among the audiences", signed({ ...good, aud: ["shop", 1] })],
    ["an object as audience", signed({ ...good, aud: { shop: true } })],
    ["no subject", without("sub")],
    ["a subject with a line end", signed({ ...good, sub: "ada\r\nx-admin: yes" })],
    ["a subject with a blank", signed({ ...good, sub: "ada lovelace" })],
    ["a subject beyond ASCII", signed({ ...good, sub: "adá" })],
    ["an empty subject", signed({ ...good, sub: "" })],
    ["a subject of 257 letters", signed({ ...good, sub: "a".repeat(257) })],
    ["alg none without a signature", `${unsigned("none")}.`],
    ["alg none with a signature", `${unsigned("none")}.${mac(unsigned("none"))}`],
    ["alg None", `${unsigned("None")}.${mac(unsigned("None"))}`],
    ["alg hs256", `${unsigned("hs256")}.${mac(unsigned("hs256"))}`],
    ["alg RS256", `${unsigned("RS256")}.${mac(unsigned("RS256"))}`],
    ["alg HS512", `${unsigned("HS512")}.${mac(unsigned("HS512"), "sha512")}`],
    ["alg as a list", `${unsigned(["HS256"])}.${mac(unsigned(["HS256"]))}`],
    ["no alg", signed(good, { typ: "JWT" })],
    ["alg twice", signed(good, '{"alg":"HS256","alg":"none"}')],
    ["a claim twice", signed(`{"sub":"eve",${JSON.stringify(good).slice(1)}`)],
    ["another type", signed(good, { alg: "HS256", typ: "secevent+jwt" })],
    ["critical extensions", signed(good, { alg: "HS256", crit: ["b64"], b64: false })],
    ["another key", signed(good, undefined, "another key of thirty-two bytes!")],
    ["a header that is not JSON", signed(good, "{alg:HS256}")],
    ["a header that is a list", signed(good, ["HS256"])],
    ["claims that are a text", signed('"ada"')],
    ["claims with more behind them", signed(`${JSON.stringify(good)}{}`)],
    ["claims nested too deep", signed(`{"a":${"[".repeat(40)}${"]".repeat(40)}}`)],
    [
      "claims that are not UTF-8",
      (() => {
        const content = `${header}.${Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xc0, 0xaf]), Buffer.from(`",${JSON.stringify(good).slice(1)}`)]).toString("base64url")}`;
        return `${content}.${mac(content)}`;
      })(),
    ],
    ["truncated", token.slice(0, -1)],
    [
      "a signature's last character with stray bits",
      token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1),
    ],
    ["padding", `${token}=`],
    ["a signature with a flipped bit", `${header}.${claims}.${flip(signature, 5)}`],
    ["claims with a flipped bit", `${header}.${flip(claims, 5)}.${signature}`],
    ["one part", header],
    ["two parts", `${header}.${claims}`],
    ["four parts", `${token}.${signature}`],
    ["five parts, as encrypted ones have", `${token}..`],
    ["an empty header", `.${claims}.${signature}`],
    ["empty claims", `${header}..${signature}`],
    ["no signature", `${header}.${claims}.`],
    ["dots only", ".."],
    ["plus and slash", token.replace(/./, "+")],
    ["9 kB", signed({ ...good, note: "x".repeat(9000) })],
    ["300 kB", "e".repeat(300_000)],
    ["two in one header", `${token}, Bearer ${token}`],
    ["a blank behind it", `${token} `],
    ["nothing", ""],
  ])("%s", (_name, refused) => {
    const { status, forwarded, header: field, body } = send(bearer(refused));
    expect({ status, forwarded }).toEqual({ status: 401, forwarded: undefined });
    expect(field("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect(field("content-type")).toBe("application/json");
    expect(JSON.parse(body)).toMatchObject({ error: "invalid_token" });
  });

  test("every single flipped bit of the signature", () => {
    const bytes = Buffer.from(signature, "base64url");
    for (let bit = 0; bit < 256; bit += 7) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(send(bearer(`${header}.${claims}.${changed.toString("base64url")}`)).status).toBe(401);
    }
  });

  test("two Authorization headers, another scheme, none at all", () => {
    expect(send([...bearer(token), ...bearer(token)]).status).toBe(401);
    expect(send([["authorization", `Basic ${token}`]]).status).toBe(401);
    const none = send([]);
    expect([none.status, none.header("www-authenticate")]).toEqual([401, "Bearer"]);
  });
});

describe("configuration", () => {
  test.each([
    ["no key", { JWT_ISSUER: "storefront", JWT_AUDIENCE: "shop" }],
    ["an empty key", { ...config, JWT_SECRET: "" }],
    ["a key of 31 bytes", { ...config, JWT_SECRET: "k".repeat(31) }],
    ["no issuer", { JWT_SECRET: key, JWT_AUDIENCE: "shop" }],
    ["an empty audience", { ...config, JWT_AUDIENCE: "" }],
    ["leeway that is no number", { ...config, JWT_LEEWAY: "1m" }],
    ["leeway of an hour", { ...config, JWT_LEEWAY: "3600" }],
  ])("%s answers 500 and lets nothing pass", (_name, settings) => {
    const secret = (settings as { JWT_SECRET?: string }).JWT_SECRET ?? "";
    for (const each of [token, signed(good, undefined, secret)]) {
      const { status, forwarded, log } = send(bearer(each), settings as Record<string, string>);
      expect({ status, forwarded }).toEqual({ status: 500, forwarded: undefined });
      expect(log).toContain("not configured");
    }
  });

  test("leeway counts on both ends", () => {
    const late = { ...config, JWT_LEEWAY: "30" };
    expect(send(bearer(signed({ ...good, exp: now - 29 })), late).status).toBe(200);
    expect(send(bearer(signed({ ...good, exp: now - 30 })), late).status).toBe(401);
    expect(send(bearer(signed({ ...good, nbf: now + 30 })), late).status).toBe(200);
    expect(send(bearer(signed({ ...good, nbf: now + 31 })), late).status).toBe(401);
  });
});

test("x-user from outside never gets through", () => {
  const outside: Pairs = [
    ["x-user", "eve"],
    ["X-USER", "root"],
  ];
  const { forwarded } = send([...outside, ...bearer(token), ["x-other", "stays"]]);
  expect(forwarded?.filter(([name]) => name.toLowerCase() === "x-user")).toEqual([["x-user", "ada"]]);
  expect(forwarded).toContainEqual(["x-other", "stays"]);
});
