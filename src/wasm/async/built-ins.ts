import { nextTurn } from "../../foundation/time/turns.ts";
import type { BuiltInName } from "../binary/index.ts";
import type { BuiltInUse } from "../host/contract.ts";
import type { Guest } from "../host/guest.ts";
import { Resource } from "../host/handles.ts";
import type { GuestMemory } from "../host/memory.ts";
import { calledOut } from "../host/trap.ts";
import { Subtask } from "./call.ts";
import { mostElements, type Elements, type End } from "./end.ts";
import { blocked, copied, eventKind, type Event } from "./event.ts";
import { FutureReader, FutureWriter, Slot } from "./future.ts";
import { Pipe, StreamReader, StreamWriter } from "./stream.ts";
import type { CurrentTask } from "./tasks.ts";
import { Waitable, WaitableSet } from "./waitable.ts";

/** Tasks that the guest keeps out for itself at most. */
const mostBackpressure = 2 ** 16;

/** A text that explains an error to people; what a guest says about itself is not passed on. */
class ErrorContext extends Resource {
  readonly kind = "error-context";
}

type Bind = (
  guest: Guest,
  memory: GuestMemory,
  use: BuiltInUse,
  elements: Elements | undefined,
) => (...args: never[]) => unknown;
type Side = "stream-reader" | "stream-writer" | "future-reader" | "future-writer";

/** Waits on a stack: what `BuiltInUse.async` says of the others. */
const alwaysWait = new Set<BuiltInName>(["waitable-set.wait", "thread.yield"]);
const mayWait = /^(stream|future)\.(cancel-)?(read|write)$|^subtask\.cancel$/;

/** It may have to wait on the guest's stack, which is possible only where that was entered for it. */
export function builtInWaits({ name, async }: BuiltInUse): boolean {
  return alwaysWait.has(name) || (!async && mayWait.test(name));
}

function taskOf(guest: Guest): CurrentTask {
  return guest.tasks.current ?? fail(guest, "uses a task while it starts");
}

function fail(guest: Guest, message: string): never {
  throw guest.fail("component-trapped", message);
}

/** While it starts, a guest has a context too. */
function contextOf({ tasks }: Guest): [number, number] {
  return tasks.current?.context ?? tasks.startContext;
}

function waitableAt(guest: Guest, handle: number): Waitable {
  const found = guest.handles.find(handle);
  return found instanceof Waitable ? found : fail(guest, `handle ${handle}: expected something that can be waited for`);
}

/** The end for a built-in, of a stream or future of the same type. */
function endAt(guest: Guest, handle: number, kind: Side, { element }: BuiltInUse): End {
  const end = guest.handles.get<End & { kind: Side }>(handle, kind);
  const { size, align, type } = end.element;
  // What the host made is known by its size only.
  const isSame = type === element.type || type === undefined || element.type === undefined;
  if (size === element.size && align === element.align && isSame) return end;
  return fail(guest, `handle ${handle} is a ${kind} of another type`);
}

/** Answers the kind of an event, whose numbers go into memory. */
export function putEvent(memory: GuestMemory, result: number, [kind, first, second]: Event): number {
  const at = memory.at(result, 8, 4);
  memory.view.setUint32(at, first, true);
  memory.view.setUint32(at + 4, second, true);
  return kind;
}

/** Both handles of a new stream or future, in one number. */
function pair(guest: Guest, reader: Waitable, writer: Waitable): bigint {
  reader.handle = guest.handles.add(reader);
  writer.handle = guest.handles.add(writer);
  // One number first: handles are small, and arithmetic with large integers is slow.
  return BigInt(writer.handle * 2 ** 32 + reader.handle);
}

/** What makes a copy that completed one that was cancelled. */
function cancelledInstead(result: number): number {
  return (result & 15) === copied.completed ? copied.cancelled : 0;
}

/** Answers the result of a copy as its event has it. */
function take(end: End): number {
  return end.takeEvent()![2];
}

function copy(kind: Side, isFuture: boolean): Bind {
  return (guest, memory, use, elements) =>
    (handle: number, pointer: number, length = 1) => {
      const end = endAt(guest, handle, kind, use);
      const left = isFuture ? 1 : length >>> 0;
      if (end.isCopying || end.isDone) fail(guest, `handle ${handle} is not ready for a copy`);
      if (left > mostElements) fail(guest, `a copy of ${left} elements`);
      if (!use.async && end.isInSet) fail(guest, `handle ${handle} is waited for in a set`);
      const { size, align } = use.element;
      if (size > 0 && left > 0) memory.from(pointer, size * left, align);
      if (!use.element.plain && isOwn(end)) {
        fail(guest, "reads a stream or future of its own that carries more than numbers");
      }
      const result = end.copy({ memory, handles: guest.handles, elements, pointer: pointer >>> 0, left, done: 0 });
      if (result !== blocked || use.async) return result;
      return awaited(guest, end);
    };
}

/** A readable end whose writer is the same instance. */
function isOwn(end: End): boolean {
  if (!(end instanceof StreamReader || end instanceof FutureReader)) return false;
  const { origin } = end;
  return (origin instanceof Pipe || origin instanceof Slot) && origin.writer?.tasks === end.tasks;
}

/** Waits on the stack for the end of a copy. */
function awaited(guest: Guest, end: End): number | Promise<number> {
  end.isAwaited = true;
  return after(
    guest,
    () => end.hasEvent,
    () => {
      end.isAwaited = false;
      return take(end);
    },
  );
}

/** Waits on the stack, and answers what `answer` does then. */
function after(guest: Guest, ready: () => boolean, answer: () => number): number | Promise<number> {
  const wait = guest.waitAsTask(ready);
  return wait === undefined ? answer() : wait.then(answer);
}

function cancelCopy(kind: Side): Bind {
  return (guest, _, use) => (handle: number) => {
    const end = endAt(guest, handle, kind, use);
    if (!end.isCopying || end.isAwaited) fail(guest, `handle ${handle} has no copy to cancel`);
    if (!use.async && end.isInSet) fail(guest, `handle ${handle} is waited for in a set`);
    if (!end.hasEvent) end.cancel();
    const result = take(end);
    // Of a stream that got on and was not told so yet: it is cancelled with what it did.
    return end instanceof StreamReader || end instanceof StreamWriter ? result | cancelledInstead(result) : result;
  };
}

function dropEnd(kind: Side): Bind {
  return (guest, _, use) => (handle: number) => {
    const end = endAt(guest, handle, kind, use);
    if (end.isCopying) fail(guest, `handle ${handle} is dropped while it copies`);
    if (end instanceof FutureWriter && !end.isDone)
      fail(guest, `handle ${handle} is a future that never got its value`);
    guest.handles.drop(handle, kind);
  };
}

const functions: Record<BuiltInName, Bind> = {
  "task.return":
    (guest, memory) =>
    (...values: (number | bigint)[]) => {
      const task = taskOf(guest);
      if (task.state === "returned" || task.state === "cancelled") fail(guest, "returned twice from one call");
      task.return(memory, values);
    },
  "task.cancel": (guest) => () => {
    const task = taskOf(guest);
    if (task.state !== "cancelling") fail(guest, "cancelled a call that was not asked to end");
    task.state = "cancelled";
  },
  "context.get":
    (guest, _, { slot }) =>
    () =>
      contextOf(guest)[slot as 0 | 1],
  "context.set":
    (guest, _, { slot }) =>
    (value: number) => {
      contextOf(guest)[slot as 0 | 1] = value;
    },
  "thread.yield":
    (guest, _, { cancellable }) =>
    () => {
      const task = taskOf(guest);
      let turn = false;
      nextTurn(() => {
        turn = true;
        guest.notify();
      });
      return after(
        guest,
        () => turn,
        () => (cancellable && task.takeCancellation() ? 1 : 0),
      );
    },
  "backpressure.set": (guest) => (on: number) => {
    guest.tasks.backpressure = on === 0 ? 0 : 1;
  },
  "backpressure.inc": (guest) => () => {
    if (++guest.tasks.backpressure >= mostBackpressure) fail(guest, "keeps calls out too often");
  },
  "backpressure.dec": (guest) => () => {
    if (--guest.tasks.backpressure < 0) fail(guest, "lets calls in that it did not keep out");
  },
  "subtask.cancel":
    (guest, _, { async }) =>
    (handle: number) => {
      const subtask = guest.handles.get<Subtask>(handle, "subtask");
      if (subtask.isDelivered || subtask.wasCancelled) fail(guest, `subtask ${handle} is over, or cancelled already`);
      if (!async && subtask.isInSet) fail(guest, `handle ${handle} is waited for in a set`);
      return subtask.cancel(async);
    },
  "subtask.drop": (guest) => (handle: number) => {
    if (!guest.handles.get<Subtask>(handle, "subtask").isDelivered) fail(guest, `subtask ${handle} is under way`);
    guest.handles.drop(handle, "subtask");
  },
  "waitable-set.new": (guest) => () => guest.handles.add(new WaitableSet()),
  "waitable-set.wait":
    (guest, memory, { cancellable }) =>
    (handle: number, result: number) => {
      const set = guest.handles.get<WaitableSet>(handle, "waitable-set");
      const task = taskOf(guest);
      let event: Event | undefined;
      const ready = (): boolean => {
        if (cancellable && task.takeCancellation()) event = [eventKind.taskCancelled, 0, 0];
        else event = set.take();
        return event !== undefined;
      };
      return after(guest, ready, () => putEvent(memory, result, event!));
    },
  "waitable-set.poll":
    (guest, memory, { cancellable }) =>
    (handle: number, result: number) => {
      const set = guest.handles.get<WaitableSet>(handle, "waitable-set");
      const cancelled = cancellable && taskOf(guest).takeCancellation();
      return putEvent(
        memory,
        result,
        cancelled ? [eventKind.taskCancelled, 0, 0] : (set.take() ?? [eventKind.none, 0, 0]),
      );
    },
  "waitable-set.drop": (guest) => (handle: number) => {
    if (guest.handles.get<WaitableSet>(handle, "waitable-set").isUsed) fail(guest, `waitable-set ${handle} is in use`);
    guest.handles.drop(handle, "waitable-set");
  },
  "waitable.join": (guest) => (handle: number, set: number) => {
    const waitable = waitableAt(guest, handle);
    if (waitable.isAwaited) fail(guest, `handle ${handle} is waited for already`);
    waitable.join(set === 0 ? undefined : guest.handles.get<WaitableSet>(set, "waitable-set"));
  },
  "error-context.new": (guest) => () => guest.handles.add(new ErrorContext()),
  "error-context.debug-message": (guest, memory) => (handle: number, result: number) => {
    guest.handles.get<ErrorContext>(handle, "error-context");
    memory.putBytes(memory.at(result, 8, 4), "");
  },
  "error-context.drop": (guest) => (handle: number) => guest.handles.drop(handle, "error-context"),
  "stream.new":
    (guest, _, { element }) =>
    () => {
      const pipe = new Pipe(element.size);
      return pair(guest, new StreamReader(guest.tasks, element, pipe), new StreamWriter(guest.tasks, element, pipe));
    },
  "stream.read": copy("stream-reader", false),
  "stream.write": copy("stream-writer", false),
  "stream.cancel-read": cancelCopy("stream-reader"),
  "stream.cancel-write": cancelCopy("stream-writer"),
  "stream.drop-readable": dropEnd("stream-reader"),
  "stream.drop-writable": dropEnd("stream-writer"),
  "future.new":
    (guest, _, { element }) =>
    () => {
      const slot = new Slot(element);
      return pair(guest, new FutureReader(guest.tasks, element, slot), new FutureWriter(guest.tasks, element, slot));
    },
  "future.read": copy("future-reader", true),
  "future.write": copy("future-writer", true),
  "future.cancel-read": cancelCopy("future-reader"),
  "future.cancel-write": cancelCopy("future-writer"),
  "future.drop-readable": dropEnd("future-reader"),
  "future.drop-writable": dropEnd("future-writer"),
};

/**
 * A function of the asynchronous canonical ABI, for one guest.
 * @param elements where it copies from component to component what is more than bytes.
 */
export function builtIn(
  use: BuiltInUse,
  guest: Guest,
  memory: GuestMemory,
  elements?: Elements,
): (...args: never[]) => unknown {
  const made = functions[use.name](guest, memory, use, elements);
  // What takes a handle finds out there.
  if (!/^t(?:ask|hread)\./.test(use.name)) return made;
  return (...args) => {
    if (guest.nested > 0) throw calledOut(guest);
    return made(...args);
  };
}
