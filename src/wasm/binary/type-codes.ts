/** First bytes of core types. https://webassembly.github.io/spec/core/binary/types.html */
export const i32 = 0x7f;
export const i64 = 0x7e;
export const f32 = 0x7d;
export const f64 = 0x7c;
export const v128 = 0x7b;
export const refNonNull = 0x64;
export const refNullable = 0x63;
export const funcType = 0x60;
/** The type of a block that takes and leaves nothing. */
export const empty = 0x40;
