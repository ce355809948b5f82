/**
 * Kernels of `kernels.c` as one writes the same algorithm in JavaScript: typed arrays where C has arrays, strings where
 * it has text, objects where it allocates. Neither `JSON.parse`, `RegExp` nor `node:crypto`: those are other algorithms,
 * written in C++. Each answers what the one in C answers for the same count.
 */
const bytes = new Uint8Array(65_536);
const words = new Uint32Array(65_536);
const [a, b, c] = [new Float64Array(64 * 64), new Float64Array(64 * 64), new Float64Array(64 * 64)] as const;

function matrix(count: number): number {
  for (let i = 0; i < 64 * 64; i++) {
    a[i] = i * 0.5;
    b[i] = i * 0.25;
  }
  while (count-- > 0) {
    for (let i = 0; i < 64; i++) {
      for (let j = 0; j < 64; j++) {
        let sum = 0;
        for (let k = 0; k < 64; k++) sum += a[i * 64 + k]! * b[k * 64 + j]!;
        c[i * 64 + j] = sum;
      }
    }
  }
  return c[100]!;
}

function rotate(x: number, by: number): number {
  return (x >>> by) | (x << (32 - by));
}

const w = new Int32Array(64);
const s = new Int32Array(8);

function block(state: Int32Array, at: number): void {
  for (let i = 0; i < 16; i++, at += 4) {
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15]!, w[i - 2]!];
    const early = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const late = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16]! + early + w[i - 7]! + late) | 0;
  }
  s.set(state);
  for (let i = 0; i < 64; i++) {
    const [e, x] = [s[4]!, s[0]!];
    const choice = (e & s[5]!) ^ (~e & s[6]!);
    const one = (s[7]! + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + words[i]! + w[i]!) | 0;
    const majority = (x & s[1]!) ^ (x & s[2]!) ^ (s[1]! & s[2]!);
    const two = ((rotate(x, 2) ^ rotate(x, 13) ^ rotate(x, 22)) + majority) | 0;
    for (let j = 7; j > 0; j--) s[j] = s[j - 1]!;
    s[4]! += one;
    s[0] = one + two;
  }
  for (let i = 0; i < 8; i++) state[i]! += s[i]!;
}

function sha256(count: number): number {
  const state = Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  bytes.fill(0x62, 0, 32_768);
  for (let i = 0; i < 64; i++) words[i] = Math.imul(i, 2_654_435_769);
  while (count-- > 0) for (let i = 0; i < 32_768; i += 64) block(state, i);
  return state[0]!;
}

type Node =
  | { kind: "}" | "]"; children: Node[] }
  | { kind: "s"; from: number; length: number }
  | { kind: "n"; number: number };

let source = "";
let at = 0;
let end = 0;
const printed = new Uint8Array(65_536);
const code = (text: string): number => text.charCodeAt(0);
const [comma, colon, quote, backslash, zero] = [code(","), code(":"), code('"'), code("\\"), code("0")] as const;

function space(): void {
  while (source[at] === " " || source[at] === "\n") at++;
}

function isLetter(unit: number): boolean {
  return unit >= code("a") && unit <= code("z");
}

function parse(): Node {
  space();
  const first = source[at]!;
  if (first === "{" || first === "[") {
    const made: Node = { kind: first === "{" ? "}" : "]", children: [] };
    at++;
    for (space(); source[at] !== made.kind; space()) {
      if (source[at] === "," || source[at] === ":") at++;
      made.children.push(parse());
    }
    at++;
    return made;
  }
  if (first === '"') {
    const from = ++at;
    for (; source.charCodeAt(at) !== quote; at++) if (source.charCodeAt(at) === backslash) at++;
    return { kind: "s", from, length: at++ - from };
  }
  const from = at;
  if (isLetter(source.charCodeAt(at))) {
    while (isLetter(source.charCodeAt(at))) at++;
    return { kind: "s", from, length: at - from };
  }
  while (/[\d.]/.test(source[at]!)) at++;
  return { kind: "n", number: Number(source.slice(from, at)) };
}

function print(from: Node): void {
  if (from.kind === "s") {
    printed[end++] = quote;
    for (let i = 0; i < from.length; i++) printed[end++] = source.charCodeAt(from.from + i);
    printed[end++] = quote;
  } else if (from.kind === "n") {
    const digits: number[] = [];
    for (let rest = Math.trunc(from.number); rest > 0 || digits.length === 0; rest = Math.trunc(rest / 10)) {
      digits.push(zero + (rest % 10));
    }
    while (digits.length > 0) printed[end++] = digits.pop()!;
  } else {
    printed[end++] = from.kind === "}" ? code("{") : code("[");
    for (const [place, each] of from.children.entries()) {
      if (place > 0) printed[end++] = from.kind === "}" && place % 2 === 1 ? colon : comma;
      print(each);
    }
    printed[end++] = code(from.kind);
  }
}

function json(count: number): number {
  const item = '{"id":12345,"name":"some name","tags":["a","bb","ccc"],"price":12.75,"ok":true}';
  const text = `[${Array.from({ length: 40 }, () => item).join(",")}]`;
  let sum = 0;
  while (count-- > 0) {
    [source, at, end] = [text, 0, 0];
    print(parse());
    sum += end;
  }
  return sum;
}

const any = code(".");

function matches(pattern: string, p: number, text: string, t: number): boolean {
  if (p === pattern.length) return true;
  const wanted = pattern.charCodeAt(p);
  if (pattern[p + 1] === "*") {
    let last = t;
    while (last < text.length && (text.charCodeAt(last) === wanted || wanted === any)) last++;
    do if (matches(pattern, p + 2, text, last)) return true;
    while (last-- > t);
    return false;
  }
  return t < text.length && (wanted === any || wanted === text.charCodeAt(t)) && matches(pattern, p + 1, text, t + 1);
}

function regex(count: number): number {
  const text = `${"a".repeat(300)}xyz@example.org${"a".repeat(105)}`;
  let sum = 0;
  while (count-- > 0) for (let i = 0; i < text.length; i++) sum += Number(matches("a*x.*@ex.*g", 0, text, i));
  return sum;
}

export const native: Record<string, (count: number) => number> = { sha256, json, regex, matrix };
