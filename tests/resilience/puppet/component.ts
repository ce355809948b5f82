import { wat } from "../../../src/wasm/testkit/index.ts";
import { builtIns, childFunctions, hostFunctions, type PuppetFunction } from "./functions.ts";
import { libc, machine } from "./machine.ts";

/** Which of the puppets. */
export interface PuppetKind {
  /** It has functions that wait on its stack. */
  blocking?: boolean;
  /** It has no callback: it can wait on its stack only. */
  stackful?: boolean;
  /** There is another component in it that does what scripts say, too. */
  composed?: boolean;
  /** Whatever its functions throw is caught. */
  catches?: boolean;
  /** The other component of it. */
  inside?: boolean;
}

/** The functions that its scripts may call, in the order of their numbers. */
export function functionsOf({ blocking = false, composed = false, inside = false }: PuppetKind): PuppetFunction[] {
  if (inside) return builtIns(blocking, false);
  return [...hostFunctions(blocking), ...(composed ? childFunctions(blocking) : []), ...builtIns(blocking, true)];
}

const flowTypes = `
  (type $bytes (stream u8)) (type $nothings (stream)) (type $streams (stream $bytes))
  (type $byte (future u8)) (type $nothing (future))`;

const world = `
  (import "wasi:http/types@0.3.0" (instance $http
    (export "fields" (type $fields (sub resource)))
    (export "request" (type $request (sub resource)))
    (export "response" (type $response (sub resource)))
    (export "request-options" (type $options (sub resource)))
    (type $e (variant (case "one" (tuple u32 u64 u32)) (case "other" (tuple u32 u32 u32 u32 u32 u32))))
    (export "error-code" (type $error (eq $e)))
    (type $he (variant (case "other" (tuple u32 u32 u32))))
    (export "header-error" (type $header-error (eq $he)))
    (type $s (variant (case "http") (case "https") (case "other" string)))
    (export "scheme" (type $scheme (eq $s)))
    (type $bytes (stream u8))
    (type $trailers (future (result (option (own $fields)) (error $error))))
    (type $sent (future (result (error $error))))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[method]fields.append" (func (param "self" (borrow $fields)) (param "name" string) (param "value" (list u8)) (result (result (error $header-error)))))
    (export "[method]fields.copy-all" (func (param "self" (borrow $fields)) (result (list (tuple string (list u8))))))
    (export "[static]response.new" (func (param "headers" (own $fields)) (param "contents" (option $bytes)) (param "trailers" $trailers) (result (tuple (own $response) $sent))))
    (export "[method]response.set-status-code" (func (param "self" (borrow $response)) (param "status-code" u16) (result (result))))
    (export "[method]response.get-headers" (func (param "self" (borrow $response)) (result (own $fields))))
    (export "[static]response.consume-body" (func (param "this" (own $response)) (param "res" $sent) (result (tuple $bytes $trailers))))
    (export "[static]request.new" (func (param "headers" (own $fields)) (param "contents" (option $bytes)) (param "trailers" $trailers) (param "options" (option (own $options))) (result (tuple (own $request) $sent))))
    (export "[method]request.get-headers" (func (param "self" (borrow $request)) (result (own $fields))))
    (export "[method]request.get-path-with-query" (func (param "self" (borrow $request)) (result (option string))))
    (export "[method]request.set-authority" (func (param "self" (borrow $request)) (param "authority" (option string)) (result (result))))
    (export "[method]request.set-scheme" (func (param "self" (borrow $request)) (param "scheme" (option $scheme)) (result (result))))
    (export "[static]request.consume-body" (func (param "this" (own $request)) (param "res" $sent) (result (tuple $bytes $trailers))))))
  (alias export $http "fields" (type $fields))
  (alias export $http "request" (type $request))
  (alias export $http "response" (type $response))
  (alias export $http "error-code" (type $error))
  (import "wasi:http/client@0.3.0" (instance $client
    (alias outer 1 $request (type $request'))
    (alias outer 1 $response (type $response'))
    (alias outer 1 $error (type $error'))
    (export "request" (type $request (eq $request')))
    (export "response" (type $response (eq $response')))
    (export "error-code" (type $error (eq $error')))
    (export "send" (func async (param "request" (own $request)) (result (result (own $response) (error $error)))))))
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (export "wait-for" (func async (param "how-long" u64)))))
  (type $trailers (future (result (option (own $fields)) (error $error))))
  (type $sent (future (result (error $error))))
  (type $field-streams (stream (own $fields)))`;

/** Core instances: memory, functions, and the machine. */
function cores(functions: readonly PuppetFunction[], catches: boolean): string {
  const defined = functions.map(({ name, canon }) => `(core func $${name} ${canon})`);
  return `
  (core func $set.new' (canon waitable-set.new))
  ${libc}
  (core instance $libc (instantiate $Libc (with "" (instance (export "set.new" (func $set.new'))))))
  (core func $state (canon context.get i32 1))
  (core func $state.set (canon context.set i32 1))
  ${defined.join("\n  ")}
  ${machine(functions, catches)}
  (core instance $machine (instantiate $Machine (with "" (instance
    (export "memory" (memory $libc "memory")) (export "mode" (global $libc "mode"))
    (export "state" (func $state)) (export "state.set" (func $state.set))
    ${functions.map(({ name }) => `(export "${name}" (func $${name}))`).join(" ")}))))`;
}

function child(kind: PuppetKind): string {
  const back = '(callback (func $machine "back"))';
  const options = '(memory $libc "memory") (realloc (func $libc "realloc"))';
  return `(component $Child ${flowTypes}
  ${cores(functionsOf({ ...kind, inside: true }), kind.catches === true)}
  (func (export "run") async (param "script" string) (result u32)
    (canon lift (core func $machine "run") async ${options} ${back}))
  (func (export "run-here") async (param "script" string) (result u32)
    (canon lift (core func $machine "run-here") async ${options}))
  (func (export "run-with") async (param "script" string) (param "bytes" $bytes) (param "byte" $byte) (result u32)
    (canon lift (core func $machine "run-with") async ${options} ${back})))
  (instance $child (instantiate $Child))`;
}

export function textOf(kind: PuppetKind): string {
  const lift = kind.stackful
    ? '(canon lift (core func $machine "handle-here") async (memory $libc "memory"))'
    : '(canon lift (core func $machine "handle") async (memory $libc "memory") (callback (func $machine "back")))';
  return `(component ${world} ${flowTypes}
  ${kind.composed ? child(kind) : ""}
  ${cores(functionsOf(kind), kind.catches === true)}
  (func $handle async (param "request" (own $request)) (result (result (own $response) (error $error))) ${lift})
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/handler@0.3.0" (instance $handler)))`;
}

/** A component that does what the script in the path of its request says. */
export function puppet(kind: PuppetKind = {}): Promise<Uint8Array> {
  return wat(textOf(kind));
}
