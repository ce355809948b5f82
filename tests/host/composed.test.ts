import { usualCounts } from "../../src/model/plan/index.ts";
import { afterAll, describe, expect, it } from "vitest";
import type { ComponentPlan } from "../../src/model/plan/index.ts";
import { hostLookup } from "../../src/wasm/index.ts";
import { prepare } from "../../src/wasm/prepare/index.ts";
import { wat } from "../../src/wasm/testkit/index.ts";
import { contextOf, load, requestOf, type Loaded } from "./load.ts";

const loaded: Loaded[] = [];
afterAll(() => Promise.all(loaded.map((component) => component.close())));

/** What both use of WASI, as imports of a component; each has its own. */
const wasi = (http: string): string => `
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource))) (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (alias outer 1 $pollable (type $p'))
    (export "pollable" (type $p (eq $p'))) (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
  (import "wasi:http/types@${http}" (instance $http
    (export "fields" (type $fields (sub resource))) (export "headers" (type $headers (eq $fields)))
    (export "incoming-request" (type $request (sub resource)))
    (export "outgoing-response" (type $response (sub resource)))
    (export "response-outparam" (type $outparam (sub resource)))
    (type $m' (variant (case "get") (case "head") (case "post") (case "put") (case "delete") (case "connect") (case "options") (case "trace") (case "patch") (case "other" string)))
    (export "method" (type $method (eq $m')))
    (type $u64? (option u64)) (type $u32? (option u32)) (type $text? (option string))
    (type $pair' (record (field "name" $text?) (field "size" $u32?))) (export "field-size-payload" (type $pair (eq $pair')))
    (type $pair? (option $pair)) (type $e' (variant (case "size" $u64?) (case "field" $pair?))) (export "error-code" (type $error (eq $e')))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[constructor]outgoing-response" (func (param "headers" (own $fields)) (result (own $response))))
    (export "[method]outgoing-response.set-status-code" (func (param "self" (borrow $response)) (param "code" u16) (result (result))))
    (export "[method]incoming-request.method" (func (param "self" (borrow $request)) (result $method)))
    (type $r (result (own $response) (error $error)))
    (export "[static]response-outparam.set" (func (param "param" (own $outparam)) (param "response" $r)))))
  (alias export $http "incoming-request" (type $request)) (alias export $http "response-outparam" (type $outparam))`;

/** Answers 200 and the number of its calls, after a wait of 100 µs where the method is POST. */
const answers = `(component ${wasi("0.2.3")}
  (core module $libc (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
  (core instance $libc (instantiate $libc))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $after (canon lower (func $clock "subscribe-duration")))
  (core func $dropPollable (canon resource.drop $pollable)) (core func $dropRequest (canon resource.drop $request))
  (core func $fields (canon lower (func $http "[constructor]fields")))
  (core func $response (canon lower (func $http "[constructor]outgoing-response")))
  (core func $status (canon lower (func $http "[method]outgoing-response.set-status-code")))
  (core func $method (canon lower (func $http "[method]incoming-request.method") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core func $set (canon lower (func $http "[static]response-outparam.set") (memory $libc "memory")))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "w" "block" (func $block (param i32))) (import "w" "after" (func $after (param i64) (result i32)))
    (import "w" "dropPollable" (func $dropPollable (param i32))) (import "w" "dropRequest" (func $dropRequest (param i32)))
    (import "w" "fields" (func $fields (result i32))) (import "w" "response" (func $response (param i32) (result i32)))
    (import "w" "status" (func $status (param i32 i32) (result i32)))
    (import "w" "method" (func $method (param i32 i32)))
    (import "w" "set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (global $calls (mut i32) (i32.const 199))
    (func (export "handle") (param $request i32) (param $out i32) (local $p i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (call $method (local.get $request) (i32.const 16))
      (if (i32.eq (i32.load8_u (i32.const 16)) (i32.const 2)) (then
        (call $block (local.tee $p (call $after (i64.const 100000)))) (call $dropPollable (local.get $p))))
      (if (i32.eq (i32.load8_u (i32.const 16)) (i32.const 3)) (then unreachable))
      (if (i32.eq (i32.load8_u (i32.const 16)) (i32.const 4)) (then (loop (br 0))))
      (call $dropRequest (local.get $request))
      (local.set $p (call $response (call $fields)))
      (drop (call $status (local.get $p) (global.get $calls)))
      (call $set (local.get $out) (i32.const 0) (local.get $p) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  (core instance $w (export "block" (func $block)) (export "after" (func $after)) (export "dropPollable" (func $dropPollable))
    (export "dropRequest" (func $dropRequest)) (export "fields" (func $fields)) (export "response" (func $response))
    (export "status" (func $status)) (export "method" (func $method)) (export "set" (func $set)))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "w" (instance $w))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam)) (canon lift (core func $i "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.3" (instance $handler)))`;

/** Hands the request on, with all that belongs to it. `more` is run before. */
const passesOn = (more = ""): string => `(component ${wasi("0.2.0")}
  (import "wasi:http/incoming-handler@0.2.0" (instance $next
    (alias outer 1 $request (type $r)) (alias outer 1 $outparam (type $o))
    (export "handle" (func (param "request" (own $r)) (param "response-out" (own $o))))))
  (core func $fields (canon lower (func $http "[constructor]fields")))
  (core func $pass (canon lower (func $next "handle")))
  (core module $m (import "n" "handle" (func $pass (param i32 i32))) (import "n" "fields" (func $fields (result i32)))
    (func (export "handle") (param i32 i32) ${more} (call $pass (local.get 0) (local.get 1))))
  (core instance $n (export "handle" (func $pass)) (export "fields" (func $fields)))
  (core instance $i (instantiate $m (with "n" (instance $n))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam)) (canon lift (core func $i "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))`;

const named = (text: string, name: string): string => text.replace("(component", `(component $${name}`);

const composed = (first = passesOn()): string => `(component ${wasi("0.2.0")}
  ${named(answers, "last")} ${named(passesOn(), "middle")} ${named(first, "first")}
  (instance $l (instantiate $last (with "wasi:io/poll@0.2.0" (instance $poll)) (with "wasi:clocks/monotonic-clock@0.2.0" (instance $clock)) (with "wasi:http/types@0.2.3" (instance $http))))
  (alias export $l "wasi:http/incoming-handler@0.2.3" (instance $lh))
  (instance $m (instantiate $middle (with "wasi:io/poll@0.2.0" (instance $poll)) (with "wasi:clocks/monotonic-clock@0.2.0" (instance $clock)) (with "wasi:http/types@0.2.0" (instance $http)) (with "wasi:http/incoming-handler@0.2.0" (instance $lh))))
  (alias export $m "wasi:http/incoming-handler@0.2.0" (instance $mh))
  (instance $f (instantiate $first (with "wasi:io/poll@0.2.0" (instance $poll)) (with "wasi:clocks/monotonic-clock@0.2.0" (instance $clock)) (with "wasi:http/types@0.2.0" (instance $http)) (with "wasi:http/incoming-handler@0.2.0" (instance $mh))))
  (alias export $f "wasi:http/incoming-handler@0.2.0" (instance $fh))
  (export "wasi:http/incoming-handler@0.2.0" (instance $fh)))`;

async function serving(text: string, plan: Partial<ComponentPlan> = {}): Promise<Loaded> {
  const component = await load(await wat(text), { plan });
  loaded.push(component);
  return component;
}

const status = async (component: Loaded, method = "GET"): Promise<number> =>
  (await component.handle(requestOf({ method }), contextOf())).status;

describe("a handler composed of three components", () => {
  it("gets request and answer through all of them, each with a fresh state", async () => {
    const component = await serving(composed());
    expect([await status(component), await status(component), await status(component)]).toEqual([200, 200, 200]);
    const { manifest } = prepare(await wat(composed()), hostLookup, "request");
    expect(manifest).toMatchObject({ reset: true, composition: { crossings: [{ kind: "call" }, { kind: "call" }] } });
  });

  it("waits in the last one", async () => {
    const component = await serving(composed());
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => status(component, i % 2 ? "GET" : "POST")));
    expect(all).toEqual(Array.from({ length: 20 }, () => 200));
  });

  it("keeps its state where it is reused", async () => {
    const component = await serving(composed(), { isolation: "reuse" });
    const first = await status(component);
    expect([await status(component), await status(component)]).toEqual([first + 1, first + 2]);
  });

  it("fails by a trap or a limit of one of them, and serves the next request", async () => {
    const component = await serving(composed(), {
      limits: { memory: 64 << 20, cpu: 30, wall: 5000, requestBody: 1 << 20, responseBody: 1 << 20, ...usualCounts },
    });
    await expect(status(component, "PUT")).rejects.toThrow(expect.objectContaining({ code: "component-trapped" }));
    expect(await status(component)).toBe(200);
    await expect(status(component, "DELETE")).rejects.toThrow(expect.objectContaining({ code: "component-cpu" }));
    expect(await status(component, "POST")).toBe(200);
  });

  it("cannot reach what another one holds", async () => {
    // The first handle of the first is its request; once given away it is nothing any more, whatever others hold.
    const guess = passesOn().replace(
      "(call $pass (local.get 0) (local.get 1))",
      "(call $pass (local.get 0) (local.get 1)) (call $pass (i32.const 1) (i32.const 2))",
    );
    await expect(status(await serving(composed(guess)))).rejects.toThrow(
      expect.objectContaining({ code: "component-trapped", message: expect.stringContaining("handle 1") }),
    );
  });
});
