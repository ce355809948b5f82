// The price list.

import { Request, Response } from "@bandstand/sdk";

const PRICES: string = `{
  "version": 1,
  "currency": "EUR",
  "prices": [
    { "item": "snare drum", "price": 249.00 },
    { "item": "double bass", "price": 1890.00 },
    { "item": "trumpet", "price": 620.00 },
    { "item": "drum sticks", "price": 12.50 }
  ]
}
`;

export function handle(request: Request): Response {
  if (request.method != "GET" && request.method != "HEAD") {
    const refused = Response.text("only GET\n", 405);
    refused.headers.set("allow", "GET, HEAD");
    return refused;
  }
  const response = Response.json(PRICES);
  response.headers.set("x-pricing-version", "1");
  return response;
}
