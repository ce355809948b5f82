import { expect, test } from "vitest";
import { BandstandError, type ErrorCode } from "../../../foundation/errors/index.ts";
import { OnwardContext } from "./context.ts";

test.each<[what: string, code: ErrorCode, told: ErrorCode]>([
  ["a guest that failed is gone, and who is asked did nothing wrong", "component-trapped", "client-gone"],
  ["a client that is gone is gone", "client-gone", "client-gone"],
  ["a route's timeout is one", "request-timeout", "request-timeout"],
])("to who is asked, %s", (_, code, told) => {
  const context = new OnwardContext({ id: "1", remoteAddress: "", onAbort: () => {} });
  const heard: string[] = [];
  context.onAbort((reason) => heard.push(reason.code));
  context.abort(new BandstandError(code, "it ended"));
  context.abort(new BandstandError("internal", "later"));
  context.onAbort((reason) => heard.push(reason.code));
  expect(heard).toEqual([told, told]);
});
