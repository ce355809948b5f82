/** Gets what comes, once. Its methods must not throw. */
export interface LaterTaker<T> {
  came(value: T): void;
  failed(error: unknown): void;
}

/**
 * A value that comes later, like a promise, but goes to its taker in the same stack in which it comes: an answer reaches its
 * client while the bytes that it was read from are still there, and costs no microtask. Whoever awaits it gets a promise.
 */
export class Later<T> implements PromiseLike<T> {
  #taker: LaterTaker<T> | undefined;
  #state: "waiting" | "value" | "error" = "waiting";
  #value: T | undefined;
  #error: unknown;

  /** The first call of this or `reject` counts. */
  resolve(value: T): void {
    if (this.#state !== "waiting") return;
    this.#state = "value";
    this.#value = value;
    this.#taker?.came(value);
  }

  reject(error: unknown): void {
    if (this.#state !== "waiting") return;
    this.#state = "error";
    this.#error = error;
    this.#taker?.failed(error);
  }

  /** Becomes what another one comes to. */
  follow(other: PromiseLike<T>): void {
    const value = (of: T): void => this.resolve(of);
    const error = (of: unknown): void => this.reject(of);
    if (other instanceof Later) other.take(value, error);
    else void other.then(value, error);
  }

  /** Goes to a taker when it has come, at once where it has. */
  give(taker: LaterTaker<T>): void {
    if (this.#state === "value") return taker.came(this.#value as T);
    if (this.#state === "error") return taker.failed(this.#error);
    const first = this.#taker;
    if (first === undefined) return void (this.#taker = taker);
    this.#taker = {
      came: (value) => (first.came(value), taker.came(value)),
      failed: (error) => (first.failed(error), taker.failed(error)),
    };
  }

  /** `give` for two functions. They must not throw. */
  take(onValue: (value: T) => void, onError: (error: unknown) => void): void {
    this.give({ came: onValue, failed: onError });
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
  const result = new After(act);
  value.give(result);
  return result;
}

/** What comes of a value that comes later. */
class After<T extends object> extends Later<T> implements LaterTaker<T> {
  readonly #act: (value: T) => T | Pending<T>;

  constructor(act: (value: T) => T | Pending<T>) {
    super();
    this.#act = act;
  }

  came(value: T): void {
    try {
      const next = this.#act(value);
      if (isPending(next)) this.follow(next);
      else this.resolve(next);
    } catch (error) {
      this.reject(error);
    }
  }

  failed(error: unknown): void {
    this.reject(error);
  }
}
