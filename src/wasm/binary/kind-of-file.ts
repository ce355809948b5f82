/** What a file is that is no WebAssembly, and what to do about it. */
export interface KindOfFile {
  what: string;
  remedy: string;
}

/** Bytes at the beginning that tell one kind of file from another. */
const looked = 512;
const unpack = "Unpack it, and name the .wasm file in it.";
const build =
  "Build it for WebAssembly: the targets are wasm32-wasip1 and wasm32-wasip2, or what bandstand build takes.";

/** By their first bytes, as latin1: what is often named in place of a component. */
const kinds: readonly [begins: RegExp | string, what: string, remedy: string][] = [
  [/^$/, "an empty file", "Check that the file is whole: build or fetch it once more."],
  // A byte order mark, blanks and comments may stand before its first parenthesis.
  [
    /^(?:\xef\xbb\xbf)?(?:\s|;;[^\n]*\n|\(;(?:[^;]|;(?!\)))*;\))*\(\s*(?:module|component)\b/,
    "the text of a module, not its binary",
    "Make the binary of it: wasm-tools parse FILE -o FILE.wasm",
  ],
  ["\x7fELF", "a program or library of Linux (ELF), or what was compiled ahead for another runtime", build],
  [/^(?:\xcf\xfa\xed\xfe|\xfe\xed\xfa\xcf|\xca\xfe\xba\xbe)/, "a program or library of macOS (Mach-O)", build],
  [/^MZ/, "a program or library of Windows", build],
  [/^(?:BC\xc0\xde|!<arch>\n)/, "what a linker makes a program of: bitcode or a static library", build],
  ["\x1f\x8b", "a file packed by gzip", unpack],
  [/^\x28\xb5\x2f\xfd/, "a file packed by zstd", unpack],
  [/^\xfd7zXZ/, "a file packed by xz", unpack],
  ["PK\x03\x04", "a ZIP archive", unpack],
  [/^[^]{257}ustar/, "a tar archive", unpack],
  [
    /^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml)/i,
    "a web page",
    "Fetch the file itself: what came is a page, of an error perhaps.",
  ],
  [/^version https:\/\/git-lfs/, "a pointer of Git LFS to the file", "Fetch what it points to: git lfs pull"],
  [/^#!/, "a script", build],
];

/** What bytes are that do not begin as WebAssembly does. */
export function kindOfFile(bytes: Uint8Array): KindOfFile {
  const text = Buffer.from(bytes.subarray(0, looked)).toString("latin1");
  const found = kinds.find(([begins]) => (typeof begins === "string" ? text.startsWith(begins) : begins.test(text)));
  if (found !== undefined) return { what: found[1], remedy: found[2] };
  const first = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return { what: `a file that begins with ${first}`, remedy: "Check that the file is a .wasm module or component." };
}
