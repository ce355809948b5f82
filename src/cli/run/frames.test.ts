import { expect, test } from "vitest";
import { framesOf } from "./frames.ts";
import { rustName } from "./rust-name.ts";

test.each([
  ["_RNvNtCset5xJoy1xWQ_3std7process5abort", "std::process::abort"],
  ["_RNvCs1234_7mycrate3foo", "mycrate::foo"],
  ["_RNCNvNtCset5xJoy1xWQ_3std9panicking13panic_handler0B5_", "std::panicking::panic_handler::{closure#0}"],
  ["_RNCNvC1a1fs_0", "a::f::{closure#1}"],
  ["_RINvNtC3std3mem8align_ofjE", "std::mem::align_of::<usize>"],
  ["_RINvC1a1fReRQmAtj8_SbPuOzE", "a::f::<&str, &&mut u32, [u16; 8], [bool], *const (), *mut !>"],
  [
    "_RINvC1a1fTaEThiETEFUKCmEuFG_RL0_eEjDNtC1a1TEL_E",
    'a::f::<(i8,), (u8, isize), (), unsafe extern "C" fn(u32), fn(&str) -> usize, dyn a::T>',
  ],
  ["_RINvC1a1fDINtC1a2FnTjEEp6OutputmEL_E", "a::f::<dyn a::Fn<(usize,), Output = u32>>"],
  ["_RNvMs_C1aINtB4_1SmE2go", "<a::S<u32>>::go"],
  ["_RNvXs0_C1aNtB5_1SNtB5_2Tr3run", "<a::S as a::Tr>::run"],
  ["_RINvC1a1fKj1f_Kb1_Kan5_Kpc61_E", undefined],
  ["_RINvC1a1fKj1f_Kb1_Kan5_KpKc61_E", "a::f::<31, true, -5, _, 'a'>"],
  ["_ZN3std9panicking20rust_panic_with_hook17h0123456789abcdefE", "std::panicking::rust_panic_with_hook"],
  ["_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE", "<&T as core::fmt::Debug>::fmt"],
  ["_ZN5boost4asio4readEv", undefined],
  ["_R", undefined],
  ["_RNvC1a", undefined],
  ["_RB_", undefined],
  [`_R${"NvC1a1f".repeat(1)}`, "a::f"],
  [`_RINvC1a1f${"S".repeat(200)}aE`, undefined],
  // Each type is the one before, twice.
  [`_RINvC1a1fThhETB8_B8_ETBd_Bd_E${"TBl_Bl_E".repeat(40)}E`, undefined],
])("%s is %s", (symbol, name) => {
  expect(rustName(symbol)).toBe(name ?? symbol);
});

test("symbols of all kinds of nonsense end soon", () => {
  const letters = "CNMXYIBTRQPOASDFGUKLEpsu_0123456789abz";
  for (let i = 0; i < 20_000; i++) {
    const symbol = `_R${Array.from({ length: 40 }, (_, at) => letters[(i * 7919 + at * (i + 31)) % letters.length]).join("")}`;
    expect(rustName(symbol).length).toBeLessThan(2000);
  }
});

test("calls are told innermost first, and one that calls itself once", () => {
  const error = new Error("unreachable");
  error.stack = `RuntimeError: unreachable
    at m.wasm._RNvCs1234_7mycrate3foo (wasm://wasm/m.wasm-1a2b:wasm-function[3]:0x1e)
    at m.wasm.f (wasm://wasm/m.wasm-1a2b:wasm-function[4]:0x20)
    at m.wasm.f (wasm://wasm/m.wasm-1a2b:wasm-function[4]:0x20)
    at Seat.call (file:///seat.ts:1:1)`;
  expect(framesOf(error)).toBe(
    "  at m.wasm.mycrate::foo (wasm-function[3]:0x1e)\n  at m.wasm.f (wasm-function[4]:0x20) (again and again)\n",
  );
  expect(framesOf(undefined)).toBe("");
});
