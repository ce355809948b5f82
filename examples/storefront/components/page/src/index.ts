// The page of the shop. Style and script have paths of their own, so that the page's content security
// policy can forbid everything inline.
import { serve } from "@bandstand/sdk";
import { page } from "./page.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

interface File {
  type: string;
  content: string;
}

const files = new Map<string, File>([
  ["/", { type: "text/html; charset=utf-8", content: page }],
  ["/shop.css", { type: "text/css; charset=utf-8", content: style }],
  ["/shop.js", { type: "text/javascript; charset=utf-8", content: script }],
]);

serve((request) => {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("only GET\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const { pathname } = new URL(request.url);
  const file = files.get(pathname);
  if (file === undefined) return new Response(`nothing at ${pathname}\n`, { status: 404 });
  const headers = { "content-type": file.type, "cache-control": "public, max-age=60" };
  return new Response(request.method === "HEAD" ? null : file.content, { headers });
});
