/** What a waitable tells a guest: the kind of the event and two numbers that depend on it. */
export type Event = readonly [kind: number, first: number, second: number];

/** https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#waitable-state */
export const eventKind = {
  none: 0,
  subtask: 1,
  streamRead: 2,
  streamWrite: 3,
  futureRead: 4,
  futureWrite: 5,
  taskCancelled: 6,
} as const;

/** What a call answers that has to wait: an event tells the rest. */
export const blocked = -1;

/** How a copy through a stream or a future ended. */
export const copied = { completed: 0, dropped: 1, cancelled: 2 } as const;
export type Copied = (typeof copied)[keyof typeof copied];
