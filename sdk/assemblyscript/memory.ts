/** Where the host puts results: big enough for the largest of them, option<result<result<…, error-code>>>. */
export const area: usize = memory.data(64, 8);

/** The host calls this for every list and string that it hands in. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  if (size == 0) return align;
  const fresh = heap.alloc(size);
  if (oldSize > 0) memory.copy(fresh, old, min(oldSize, size));
  return fresh;
}

/** The string whose pointer and size stand at `at`; gives the memory back. */
export function takeString(at: usize): string {
  const size = load<usize>(at, 4);
  if (size == 0) return "";
  const data = load<usize>(at);
  const text = String.UTF8.decodeUnsafe(data, size);
  heap.free(data);
  return text;
}

/** option<string>: the discriminant at `at`, the string behind it. */
export function takeOptional(at: usize): string | null {
  return load<u8>(at) == 0 ? null : takeString(at + 4);
}

/** The bytes whose pointer and size stand at `at`; gives the memory back. */
export function takeBytes(at: usize): Uint8Array {
  const size = load<i32>(at, 4);
  const bytes = new Uint8Array(size);
  if (size > 0) {
    memory.copy(bytes.dataStart, load<usize>(at), size);
    heap.free(load<usize>(at));
  }
  return bytes;
}
