;; Never gets through its start, in which one component calls another that never returns: it cannot be loaded.
(component
  (component $endless
    (core module $m (func (export "work") (loop $more (br $more))))
    (core instance $i (instantiate $m))
    (func (export "work") (canon lift (core func $i "work"))))
  (instance $endless (instantiate $endless))
  (core func $work (canon lower (func $endless "work")))
  (core module $m (import "" "work" (func $work)) (start $work))
  (core instance (instantiate $m (with "" (instance (export "work" (func $work)))))))
