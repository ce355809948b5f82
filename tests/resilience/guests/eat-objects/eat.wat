;; Makes objects that all live, for as long as it can, and never answers.
(module
  (type $node (struct (field (ref null $node))))
  (global $all (mut (ref null $node)) (ref.null $node))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $outparam i32)
    (loop $more
      (global.set $all (struct.new $node (global.get $all)))
      (br $more))))
