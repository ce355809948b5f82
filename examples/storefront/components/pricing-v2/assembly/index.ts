// The price list as it may become: ten percent off, and the old price beside the new one.

import { Request, Response } from "@bandstand/sdk";

const DISCOUNT: i32 = 10;

class Article {
  constructor(
    readonly item: string,
    /** Cents. */
    readonly price: i32,
  ) {}
}

export function handle(request: Request): Response {
  if (request.method != "GET" && request.method != "HEAD") {
    const refused = Response.text("only GET\n", 405);
    refused.headers.set("allow", "GET, HEAD");
    return refused;
  }
  const response = Response.json(priceList());
  response.headers.set("x-pricing-version", "2");
  return response;
}

function priceList(): string {
  const articles = [
    new Article("snare drum", 24900),
    new Article("double bass", 189000),
    new Article("trumpet", 62000),
    new Article("drum sticks", 1250),
  ];
  const lines = new Array<string>(articles.length);
  for (let i = 0; i < lines.length; i++) {
    const article = articles[i];
    const price = (article.price * (100 - DISCOUNT) + 50) / 100;
    lines[i] = `    { "item": "${article.item}", "price": ${euros(price)}, "before": ${euros(article.price)} }`;
  }
  return `{
  "version": 2,
  "currency": "EUR",
  "discount": ${DISCOUNT},
  "prices": [
${lines.join(",\n")}
  ]
}
`;
}

/** 1125 → `11.25`. */
function euros(cents: i32): string {
  return (cents / 100).toString() + "." + (cents % 100).toString().padStart(2, "0");
}
