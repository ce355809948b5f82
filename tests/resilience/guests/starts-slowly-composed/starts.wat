;; As `starts-slowly`, of two components: the start of one calls the other, which takes 20 ms. Answers 200.
(component
  (import "wasi:http/types@0.2.0" (instance $http
    (export "fields" (type $fields (sub resource)))
    (export "incoming-request" (type (sub resource)))
    (export "outgoing-response" (type $response (sub resource)))
    (export "response-outparam" (type $outparam (sub resource)))
    (type $error (variant (case "other" (tuple u32 u64 u32 u32 u32 u32))))
    (export "error-code" (type $error-code (eq $error)))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[constructor]outgoing-response" (func (param "headers" (own $fields)) (result (own $response))))
    (export "[static]response-outparam.set"
      (func (param "param" (own $outparam)) (param "response" (result (own $response) (error $error-code)))))))
  (alias export $http "incoming-request" (type $request))
  (alias export $http "response-outparam" (type $outparam))

  (component $slow
    (core module $m
      (memory 1)
      (func (export "work") (param i32) (result i32)
        (loop $more
          (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (local.get 0)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br_if $more (local.get 0)))
        (i32.load (i32.const 64))))
    (core instance $i (instantiate $m))
    (func (export "work") (param "rounds" u32) (result u32) (canon lift (core func $i "work"))))
  (instance $slow (instantiate $slow))

  (core func $work (canon lower (func $slow "work")))
  (core func $fields (canon lower (func $http "[constructor]fields")))
  (core func $response (canon lower (func $http "[constructor]outgoing-response")))
  (core module $libc (memory (export "memory") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16)))
  (core instance $libc (instantiate $libc))
  (core func $set (canon lower (func $http "[static]response-outparam.set")
    (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $m
    (type $node (struct (field i32)))
    (import "" "work" (func $work (param i32) (result i32)))
    (import "" "fields" (func $fields (result i32)))
    (import "" "response" (func $response (param i32) (result i32)))
    (import "" "set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    ;; What it keeps makes that every request has a new instance.
    (global $kept (mut (ref null $node)) (ref.null $node))
    (func $start
      (drop (call $work (i32.const 10000000)))
      (global.set $kept (struct.new $node (i32.const 7))))
    (start $start)
    (func (export "handle") (param $request i32) (param $outparam i32)
      (call $set (local.get $outparam) (i32.const 0) (call $response (call $fields))
        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  (core instance $i (instantiate $m (with "" (instance
    (export "work" (func $work)) (export "fields" (func $fields)) (export "response" (func $response)) (export "set" (func $set))))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam)) (canon lift (core func $i "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
