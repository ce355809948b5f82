/**
 * A value that comes later, like a promise, but goes to its taker in the same stack in which it comes: an answer reaches its
 * client while the bytes that it was read from are still there, and costs no microtask. It has one taker; whoever awaits it
 * is one.
 */
export class Later<T> implements PromiseLike<T> {
  #onValue: ((value: T) => void) | undefined;
  #onError: ((error: unknown) => void) | undefined;
  #state: "waiting" | "value" | "error" = "waiting";
  #value: T | undefined;
  #error: unknown;

  /** The first call of this or `reject` counts. */
  resolve(value: T): void {
    if (this.#state !== "waiting") return;
    this.#state = "value";
    if (this.#onValue === undefined) this.#value = value;
    else this.#onValue(value);
  }

  reject(error: unknown): void {
    if (this.#state !== "waiting") return;
    this.#state = "error";
    if (this.#onError === undefined) this.#error = error;
    else this.#onError(error);
  }

  /** Becomes what another one comes to. */
  follow(other: PromiseLike<T>): void {
    const value = (of: T): void => this.resolve(of);
    const error = (of: unknown): void => this.reject(of);
    if (other instanceof Later) other.take(value, error);
    else void other.then(value, error);
  }

  /** Once: both are called at once where it has come, and must not throw. */
  take(onValue: (value: T) => void, onError: (error: unknown) => void): void {
    if (this.#state === "value") onValue(this.#value as T);
    else if (this.#state === "error") onError(this.#error);
    else {
      this.#onValue = onValue;
      this.#onError = onError;
    }
  }

  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#promise().then(onValue, onError);
  }

  catch<B>(onError: (error: unknown) => B | PromiseLike<B>): Promise<T | B> {
    return this.#promise().catch(onError);
  }

  #promise(): Promise<T> {
    return new Promise<T>((resolve, reject) => this.take(resolve, reject));
  }
}

/** A value that is not there yet. */
export type Pending<T> = Promise<T> | Later<T>;

export function isPending<T extends object>(value: T | Pending<T>): value is Pending<T> {
  return value instanceof Later || value instanceof Promise;
}

/** Goes on with a value when it is there: with one that comes later in its stack, and at once where it has come. */
export function afterwards<T extends object>(value: Pending<T>, act: (value: T) => T | Pending<T>): Pending<T>;
export function afterwards<T extends object>(value: T | Pending<T>, act: (value: T) => T | Pending<T>): T | Pending<T>;
export function afterwards<T extends object>(value: T | Pending<T>, act: (value: T) => T | Pending<T>): T | Pending<T> {
  if (value instanceof Promise) return value.then(act);
  if (!(value instanceof Later)) return act(value);
  const result = new Later<T>();
  value.take(
    (came) => {
      try {
        const next = act(came);
        if (isPending(next)) result.follow(next);
        else result.resolve(next);
      } catch (error) {
        result.reject(error);
      }
    },
    (error) => result.reject(error),
  );
  return result;
}
