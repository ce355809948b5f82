/**
 * A value that comes later, like a promise, but goes to its taker in the same stack in which it comes: an answer reaches its
 * client while the bytes that it was read from are still there, and costs no microtask. Whoever awaits it gets a promise.
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
    this.#value = value;
    this.#onValue?.(value);
  }

  reject(error: unknown): void {
    if (this.#state !== "waiting") return;
    this.#state = "error";
    this.#error = error;
    this.#onError?.(error);
  }

  /** Becomes what another one comes to. */
  follow(other: PromiseLike<T>): void {
    const value = (of: T): void => this.resolve(of);
    const error = (of: unknown): void => this.reject(of);
    if (other instanceof Later) other.take(value, error);
    else void other.then(value, error);
  }

  /** Calls one of both when it has come, at once where it has. They must not throw. */
  take(onValue: (value: T) => void, onError: (error: unknown) => void): void {
    if (this.#state === "value") return onValue(this.#value as T);
    if (this.#state === "error") return onError(this.#error);
    const first = this.#onValue;
    const firstError = this.#onError;
    if (first === undefined || firstError === undefined) {
      this.#onValue = onValue;
      this.#onError = onError;
      return;
    }
    this.#onValue = (value) => (first(value), onValue(value));
    this.#onError = (error) => (firstError(error), onError(error));
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is awaited like a promise by whoever has the time
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

/** Calls one of both when a value has come: of one that comes later in its stack, at once where it has. They must not throw. */
export function take<T>(value: Pending<T>, onValue: (value: T) => void, onError: (error: unknown) => void): void {
  if (value instanceof Later) value.take(onValue, onError);
  else void value.then(onValue, onError);
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
