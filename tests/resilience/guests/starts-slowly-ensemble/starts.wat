;; As `starts-slowly`, of two components of WASI 0.3: the start of one calls the other, asynchronously and plainly. Refuses: 400.
(component
  (import "wasi:http/types@0.3.0" (instance $http
    (export "request" (type (sub resource)))
    (export "response" (type (sub resource)))
    (type $error (variant (case "other" (tuple u32 u64 u32 u32 u32 u32))))
    (export "error-code" (type (eq $error)))))
  (alias export $http "request" (type $request))
  (alias export $http "response" (type $response))
  (alias export $http "error-code" (type $error-code))

  (component $slow
    (core module $m
      (import "" "return" (func $return (param i32)))
      (memory 1)
      (func (export "work") (param i32) (result i32)
        (loop $more
          (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (local.get 0)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br_if $more (local.get 0)))
        (call $return (i32.load (i32.const 64)))
        (i32.const 0))
      (func (export "back") (param i32 i32 i32) (result i32) (unreachable)))
    (core func $return (canon task.return (result u32)))
    (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
    (func (export "work") async (param "rounds" u32) (result u32)
      (canon lift (core func $i "work") async (callback (func $i "back")))))
  (instance $slow (instantiate $slow))

  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core func $work (canon lower (func $slow "work")))
  (core func $later (canon lower (func $slow "work") async (memory $libc "memory")))
  (core func $return (canon task.return (result (result (own $response) (error $error-code))) (memory $libc "memory")))
  (core module $m
    (type $node (struct (field i32)))
    (import "" "work" (func $work (param i32) (result i32)))
    (import "" "later" (func $later (param i32 i32) (result i32)))
    (import "" "return" (func $return (param i32 i32 i32 i64 i32 i32 i32 i32)))
    ;; What it keeps makes that every request has a new instance.
    (global $kept (mut (ref null $node)) (ref.null $node))
    (func $start
      (drop (call $work (i32.const 5000000)))
      (drop (call $later (i32.const 5000000) (i32.const 16)))
      (global.set $kept (struct.new $node (i32.const 7))))
    (start $start)
    (func (export "handle") (param $request i32) (result i32)
      ;; HTTP-request-length-required
      (call $return (i32.const 1) (i32.const 16) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (i32.const 0))
    (func (export "back") (param i32 i32 i32) (result i32) (unreachable)))
  (core instance $i (instantiate $m (with "" (instance
    (export "work" (func $work)) (export "later" (func $later)) (export "return" (func $return))))))
  (func $handle async (param "request" (own $request)) (result (result (own $response) (error $error-code)))
    (canon lift (core func $i "handle") async (memory $libc "memory") (callback (func $i "back"))))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/handler@0.3.0" (instance $handler)))
