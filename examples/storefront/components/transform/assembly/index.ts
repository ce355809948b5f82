// Shapes what the orders service answers: inner headers go, JSON gets a summary, everything else
// streams through as it is.

import { Json, JsonKind, next, Request, Response } from "@bandstand/sdk";

/** Larger answers pass unshaped: a component has no business holding them. */
const MAX_JSON: i32 = 256 * 1024;

export function handle(request: Request): Response {
  const response = next(request);
  dropInnerHeaders(response);
  response.headers.set("x-served-by", "bandstand");
  if (request.method != "HEAD" && isPlainJson(response)) summarise(response);
  return response;
}

/** `x-internal-…` is between the gateway and the services. */
function dropInnerHeaders(response: Response): void {
  const all = response.headers.entries();
  for (let i = 0; i < all.length; i++) {
    const name = all[i].name;
    if (name.toLowerCase().startsWith("x-internal-")) response.headers.delete(name);
  }
}

function isPlainJson(response: Response): bool {
  const type = response.headers.get("content-type");
  const encoding = response.headers.get("content-encoding");
  if (type === null || encoding !== null) return false;
  const end = type.indexOf(";");
  return (end < 0 ? type : type.substring(0, end)).trim().toLowerCase() == "application/json";
}

/** `{"orders": […]}` gets the number of orders and of pieces in them. */
function summarise(response: Response): void {
  const text = response.readText(MAX_JSON);
  if (text === null) return;
  const document = Json.parse(text);
  if (document === null) return;
  const orders = document.get("orders");
  if (orders === null || orders.kind != JsonKind.List) return;
  document.set("count", Json.ofNumber(orders.items.length));
  document.set("pieces", Json.ofNumber(pieces(orders)));
  response.setText(document.toString() + "\n");
}

function pieces(orders: Json): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < orders.items.length; i++) {
    const quantity = orders.items[i].get("quantity");
    if (quantity !== null && quantity.kind == JsonKind.Number) sum += quantity.number;
  }
  return sum;
}
