/** Waits until a server has no connections any more, at most for a while. */
export class Emptying {
  #done: (() => void) | undefined;

  /** @param isEmpty there is nothing to wait for. */
  async within(milliseconds: number, isEmpty: boolean): Promise<void> {
    if (isEmpty) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#done = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The last connection is over. */
  over(): void {
    this.#done?.();
  }
}
