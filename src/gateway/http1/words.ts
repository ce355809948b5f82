/** Whether a text in latin1 stands in these bytes. */
export function isText(bytes: Uint8Array, begin: number, end: number, text: string): boolean {
  if (end - begin !== text.length) return false;
  for (let at = 0; at < text.length; at++) if (bytes[begin + at] !== text.charCodeAt(at)) return false;
  return true;
}

/** Whether the same stands in these bytes. */
export function isSame(bytes: Uint8Array, begin: number, end: number, other: Uint8Array): boolean {
  const { length } = other;
  if (end - begin !== length) return false;
  for (let at = 0; at < length; at++) if (bytes[begin + at] !== other[at]) return false;
  return true;
}

/** Whether a word stands in these bytes, in whatever case. @param word in lower case. */
export function isWord(bytes: Uint8Array, begin: number, end: number, word: string): boolean {
  if (end - begin !== word.length) return false;
  for (let at = 0; at < word.length; at++) {
    const wanted = word.charCodeAt(at);
    const byte = bytes[begin + at] as number;
    if (byte !== wanted && ((byte | 0x20) !== wanted || wanted < 0x61 || wanted > 0x7a)) return false;
  }
  return true;
}
