/** The choice that a misspelt word most likely meant, or undefined where none is near. */
export function suggest(word: string, choices: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Math.min(3, Math.max(1, Math.floor(word.length / 3))) + 1;
  for (const choice of choices) {
    if (choice.length > 64 || Math.abs(choice.length - word.length) >= least) continue;
    const edits = distance(lower, choice.toLowerCase());
    if (edits < least) [best, least] = [choice, edits];
  }
  return best;
}

/** Edits between two words: insert, remove, replace a letter, or swap two neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, before[column - 2]! + 1);
      current.push(edits);
    }
    [before, above] = [above, current];
  }
  return above[b.length]!;
}
