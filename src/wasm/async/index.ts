/**
 * The asynchronous canonical ABI, without any interface: tasks, waitables, streams and futures of one instance.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/Concurrency.md
 */
export { builtIn, builtInWaits, putEvent } from "./built-ins.ts";
export { HostBytes } from "./bytes.ts";
export { answerHere, answerLater, Call, subtaskState } from "./call.ts";
export type { Elements } from "./end.ts";
export { FutureReader, HostFuture, Slot } from "./future.ts";
export type { FutureOrigin } from "./future.ts";
export { HostItems } from "./items.ts";
export { Pipe, StreamReader } from "./stream.ts";
export { Task } from "./task.ts";
export type { Entered, TaskOwner } from "./task.ts";
export type { CurrentTask } from "./tasks.ts";
export type { Waiter, WaitableSet } from "./waitable.ts";
