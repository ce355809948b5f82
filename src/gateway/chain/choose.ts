/** Chooses among weights: 90 and 10 mean nine of ten requests for the first. */
export interface Choice<T> {
  weight: number;
  value: T;
}

/**
 * Compiles a weighted choice. Entries of weight 0 are never chosen; undefined where nothing can be.
 * @param random in [0, 1), for tests.
 */
export function compileChoice<T>(choices: Choice<T>[], random: () => number = Math.random): (() => T) | undefined {
  const open = choices.filter(({ weight }) => weight > 0);
  const [first] = open;
  if (first === undefined) return undefined;
  if (open.length === 1) return () => first.value;
  const total = open.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let left = random() * total;
    for (const { weight, value } of open) {
      left -= weight;
      if (left < 0) return value;
    }
    return first.value;
  };
}
