import * as fc from "fast-check";

/**
 * Code as Go's compiler writes functions: pieces in a loop, which begins with the one that `$pc` says, and jumps that set it. Backward ones
 * count in `$work`, and end the function beyond 3,000. It begins with any piece, as those do that go on where they have waited.
 * @param code what stands in a piece; @param value conditions, and what `$a` is set to.
 */
export function dispatching(code: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.boolean())
    .chain(([count, inOrder]) =>
      fc.tuple(
        fc.array(piece(count, code, value), { minLength: count, maxLength: count }),
        fc
          .array(fc.nat(count - 1), { minLength: 1, maxLength: 10 })
          .map((table) => (inOrder ? table.toSorted() : table)),
        value,
      ),
    )
    .map(([pieces, table, first]) => {
      const labels = table.map((to) => `$p${to}`).join(" ");
      const opened = pieces.map((_, i) => `(block $p${pieces.length - 1 - i}`).join(" ");
      return `(local.set $pc (i32.and ${first} (i32.const 15)))
        (block $out (loop $top ${opened} (local.get $pc) (br_table ${labels})) ${pieces.join(") ")} ))`;
    });
}

function piece(count: number, code: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const to = fc.oneof({ weight: 20, arbitrary: fc.nat(count + 1) }, { weight: 1, arbitrary: fc.constant(-1) });
  const go = to.map((where) => `(local.set $pc (i32.const ${where})) (br $top)`);
  const jump = fc.oneof(
    go,
    fc.tuple(value, go).map(([test, jump]) => `(if ${test} (then ${jump}))`),
    fc.tuple(value, go, go).map(([test, then, other]) => `(if ${test} (then ${then}) (else ${other}))`),
    fc
      .tuple(value, value, go)
      .map(
        ([test, other, jump]) =>
          `(local.set $a (i32.add (local.get $a) (if (result i32) ${test} (then ${jump}) (else ${other}))))`,
      ),
    fc
      .tuple(value, go)
      .map(([which, jump]) => `(block $in (br_table $in $out $in (i32.and ${which} (i32.const 3)))) ${jump}`),
    value.map((test) => `(br_if $out ${test})`),
    // It goes on with the next one.
    { weight: 4, arbitrary: fc.constant("") },
  );
  return fc.tuple(jump, code, jump).map(
    ([early, text, late]) =>
      `(global.set $work (i32.add (global.get $work) (i32.const 1)))
        (if (i32.gt_u (global.get $work) (i32.const 3000)) (then (return (local.get $a)))) ${early} ${text} ${late}`,
  );
}
