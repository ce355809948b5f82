import type { Answer, Question } from "./ask.ts";
import { ask, json } from "./ask.ts";
import type { Machine } from "./machine.ts";
import { table } from "./table.ts";
import { tokenOf } from "./token.ts";

/** One line of the table that the demonstration prints. */
export interface Stop {
  request: string;
  answer: string;
  shows: string;
  ok: boolean;
}

interface Order {
  id: number;
  item: string;
}

const samples = 200;

/** Every request that the shop is about, with what came back and whether that is right. */
export async function tour(url: string, { c }: Machine): Promise<Stop[]> {
  const token = { authorization: `Bearer ${await tokenOf("ada")}` };
  const stops: Stop[] = [];
  const go = async (
    title: string,
    question: Question,
    judge: (answer: Answer) => [boolean, string],
  ): Promise<Answer> => {
    const answer = await ask(url, question);
    const [ok, shows] = judge(answer);
    stops.push({ request: title, answer: short(answer), shows, ok });
    return answer;
  };

  await go("GET /", { path: "/" }, ({ status, headers, body }) => [
    status === 200 && /<html/i.test(body) && (headers["content-security-policy"] !== undefined) === c,
    `a page from a component in TypeScript${c ? "; headers added by a filter in C" : ""}`,
  ]);
  await go("GET /api/orders", { path: "/api/orders" }, ({ status }) => [
    status === 401,
    "no token: auth (Wasm) answers itself",
  ]);
  const order = JSON.stringify({ item: "snare drum", quantity: 2 });
  const created = await go(
    "POST /api/orders, ada's token",
    { method: "POST", path: "/api/orders", headers: { ...token, "content-type": "application/json" }, body: order },
    (answer) => [
      answer.status === 201 && json(answer)?.["customer"] === "ada",
      "the container keeps an order of ada's",
    ],
  );
  const { id } = (json(created) ?? {}) as { id?: number };
  const list = await go("GET /api/orders, ada's token", { path: "/api/orders", headers: token }, (answer) => [
    answer.status === 200 && json(answer)?.["customer"] === "ada" && ordersOf(answer).some((each) => each.id === id),
    `the container saw x-user: ${String(json(answer)?.["customer"])}, which auth set`,
  ]);
  stops.push(shaped(list));
  const forged = { ...token, "x-user": "eve" };
  await go("GET /api/orders, x-user: eve forged", { path: "/api/orders", headers: forged }, (answer) => [
    answer.status === 200 && json(answer)?.["customer"] === "ada",
    `stripped: the container saw x-user: ${String(json(answer)?.["customer"])}`,
  ]);
  stops.push(...(await split(url)));
  return stops;
}

/** What `transform` made of the container's answer. */
function shaped(answer: Answer): Stop {
  const { count, pieces } = (json(answer) ?? {}) as { count?: number; pieces?: number };
  const inner = answer.headers["x-internal-node"];
  return {
    request: "",
    answer: `count ${count}, pieces ${pieces}; x-internal-node ${inner === undefined ? "gone" : inner}`,
    shows: "transform (Wasm) counted, took inner headers out and added x-served-by",
    ok: typeof count === "number" && inner === undefined && answer.headers["x-served-by"] === "bandstand",
  };
}

/** How two versions share the visitors, and that one who saw the rare one keeps seeing it. */
async function split(url: string): Promise<Stop[]> {
  const seen = new Map<string, number>();
  let cookie = "";
  for (let index = 0; index < samples; index++) {
    const { headers } = await ask(url, { path: "/pricing" });
    const version = String(headers["x-pricing-version"]);
    seen.set(version, (seen.get(version) ?? 0) + 1);
    if (version === "2") cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? cookie;
  }
  const [first = 0, second = 0] = [seen.get("1"), seen.get("2")];
  const kept = await Promise.all(Array.from({ length: 20 }, () => ask(url, { path: "/pricing", headers: { cookie } })));
  const same = kept.filter(({ headers }) => headers["x-pricing-version"] === "2").length;
  return [
    {
      request: `GET /pricing, ${samples} new visitors`,
      answer: `version 1: ${first}, version 2: ${second}`,
      shows: "two versions of a component, 90/10",
      // Five standard deviations about 20: never wrong by chance, wrong where the weights are not 90 and 10.
      ok: first + second === samples && second >= 3 && second <= 42,
    },
    {
      request: "GET /pricing, 20 times with a cookie",
      answer: `version 2: ${same}`,
      shows: "who saw version 2 keeps seeing it",
      ok: cookie !== "" && same === kept.length,
    },
  ];
}

export function ordersOf(answer: Answer): Order[] {
  const { orders } = (json(answer) ?? {}) as { orders?: Order[] };
  return orders ?? [];
}

export function tourTable(stops: Stop[]): string {
  const rows = stops.map(({ request, answer, shows, ok }) => [ok ? "ok" : "WRONG", request, answer, shows]);
  return table(["", "request", "answer", "what it shows"], rows);
}

function short({ status, headers, body }: Answer): string {
  if (headers["content-type"]?.includes("html")) return `${status}, ${body.length} characters of HTML`;
  const text = body.replaceAll(/\s+/g, " ").trim();
  return `${status} ${text.length > 52 ? `${text.slice(0, 51)}…` : text}`;
}
