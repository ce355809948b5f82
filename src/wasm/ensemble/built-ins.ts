import { nextTurn } from "../../foundation/time/turns.ts";
import { builtIn, putEvent, type Elements, type WaitableSet } from "../async/index.ts";
import { eventKind, type Event } from "../async/event.ts";
import type { BuiltInName } from "../binary/index.ts";
import type { BuiltInUse, Lowering } from "../host/contract.ts";
import type { GuestMemory } from "../host/memory.ts";
import type { StringEncoding } from "../link/manifest.ts";
import type { Part } from "./part.ts";
import type { CoreValue } from "./stacks.ts";
import type { PartTask } from "./task.ts";

interface Options {
  part: Part;
  memory: GuestMemory;
  lowering: Lowering & { encoding?: StringEncoding };
  elements: Elements | undefined;
}

/** What is right everywhere: it neither leaves the component nor changes what others have of it. */
const everywhere = /^context\.|^backpressure\./;

function taskOf(part: Part): PartTask {
  const { current } = part.tasks;
  if (current === undefined) throw part.fail("component-trapped", "uses a task while it starts");
  return current as PartTask;
}

/** `task.return` and `task.cancel` are for those that do not answer by returning. */
function asyncTaskOf(part: Part, name: string): PartTask {
  const task = taskOf(part);
  if (task.callee.plan.manner !== "plain") return task;
  throw part.fail("component-trapped", `${name} is called in ${task.name}, which answers by returning`);
}

type Make = (use: BuiltInUse, options: Options) => (...args: never[]) => unknown;

/** Those that are others where several components are tasks of each other. */
const others: Partial<Record<BuiltInName, Make>> = {
  "task.return":
    (use, { part, memory, lowering }) =>
    (...values: CoreValue[]) => {
      const task = asyncTaskOf(part, "task.return");
      const { plan, options } = task.callee;
      const isSame =
        plan.result === use.type &&
        (lowering.memory === undefined || options.memory === undefined || lowering.memory === options.memory) &&
        (lowering.encoding === options.encoding || lowering.memory === undefined);
      if (!isSame) throw part.fail("component-trapped", `task.return is of another type or options than ${task.name}`);
      task.return(memory, values);
    },
  "task.cancel":
    (_, { part }) =>
    () =>
      asyncTaskOf(part, "task.cancel").cancel(),
  "thread.yield":
    ({ cancellable }, { part }) =>
    () => {
      const task = taskOf(part);
      if (cancellable && task.takeCancellation()) return 1;
      // What cannot wait has no others to let in.
      if (!task.mayBlock) return 0;
      let [hadTurn, isCancelled] = [false, false];
      nextTurn(() => {
        hadTurn = true;
        part.notify();
      });
      const wait = part.waitAsTask(() => hadTurn || (isCancelled = cancellable && task.takeCancellation()));
      return wait === undefined ? 0 : wait.then(() => (isCancelled ? 1 : 0));
    },
  "waitable-set.wait":
    ({ cancellable }, { part, memory }) =>
    (handle: number, result: number) => {
      const set = part.handles.get<WaitableSet>(handle, "waitable-set");
      const task = taskOf(part);
      let event: Event | undefined;
      const ready = (): boolean => {
        event = cancellable && task.takeCancellation() ? [eventKind.taskCancelled, 0, 0] : set.take();
        return event !== undefined;
      };
      const wait = part.waitAsTask(ready);
      if (wait === undefined) return putEvent(memory, result, event!);
      set.wait(task);
      return wait.then(() => {
        set.leave(task);
        return putEvent(memory, result, event!);
      });
    },
};

/** A function of the asynchronous ABI, for one component of several. */
export function partBuiltIn(use: BuiltInUse, options: Options): (...args: never[]) => unknown {
  const { part, memory, elements } = options;
  const made = others[use.name]?.(use, options) ?? builtIn(use, part, memory, elements);
  if (use.name.startsWith("backpressure")) {
    return (...args) => {
      made(...args);
      part.ensemble.poke();
    };
  }
  if (everywhere.test(use.name)) return made;
  return (...args) => {
    part.checkMayLeave(use.name);
    return made(...args);
  };
}
