import { describe, expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { Handles } from "../host/handles.ts";
import { Call, HostSubtask } from "./call.ts";
import { Task, type Entered } from "./task.ts";
import { Tasks } from "./tasks.ts";
import { WaitableSet } from "./waitable.ts";

const [exit, turn] = [0, 1];

function instance() {
  const tasks = new Tasks({ notify: () => {}, failed: () => {} });
  const guest = {
    tasks,
    handles: undefined as unknown as Handles,
    failure: undefined as BandstandError | undefined,
    meter: { passed: 0 },
    fail: (code: never, message: string) => (guest.failure = new BandstandError(code, message)),
  };
  guest.handles = new Handles({ nested: 0, fail: guest.fail });
  const run = (functions: Entered) => {
    const log: string[] = [];
    const task = new Task(guest, {
      entering: () => log.push("enter"),
      left: () => log.push("leave"),
      returned: () => {},
      paused: () => log.push("pause"),
      ended: (thrown) => log.push(thrown === undefined ? "end" : String((thrown.error as Error).message)),
    });
    task.start(functions);
    return { task, log };
  };
  const subtask = (set: WaitableSet) => {
    const call = new Call();
    const made = new HostSubtask(tasks, call);
    made.handle = guest.handles.add(made);
    made.join(set);
    return call;
  };
  return { tasks, guest, run, subtask };
}

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a task", () => {
  it("waits for events, one after the other, and exits", async () => {
    const { tasks, guest, run, subtask } = instance();
    const set = new WaitableSet();
    const wait = 2 | (guest.handles.add(set) << 4);
    const calls = [subtask(set), subtask(set)];
    const events: number[][] = [];
    const { log } = run({
      start: () => wait,
      callback: (...event) => {
        events.push(event);
        if (events.length < 2) return wait;
        tasks.current!.state = "returned";
        return exit;
      },
    });
    expect(log).toEqual(["enter", "leave", "pause"]);
    for (const call of calls) call.finish();
    expect(events).toEqual([]);
    await later();
    expect(events).toEqual([
      [1, 2, 2],
      [1, 3, 2],
    ]);
    expect(log).toEqual(["enter", "leave", "pause", "enter", "leave", "enter", "leave", "end"]);
  });

  it("lets others run where it yields, and is told when it is cancelled", async () => {
    const { tasks, run } = instance();
    const events: number[] = [];
    const { task, log } = run({
      start: () => turn,
      callback: (event) => {
        events.push(event);
        if (event !== 6) return turn;
        expect(tasks.current!.state).toBe("cancelling");
        tasks.current!.state = "cancelled";
        return exit;
      },
    });
    await later();
    await later();
    task.cancel();
    await later();
    expect(events.slice(0, -1).every((event) => event === 0)).toBe(true);
    expect([events.at(-1), log.at(-1)]).toEqual([6, "end"]);
  });

  it("ends with what it throws, without an answer, or with what means nothing", () => {
    const { run } = instance();
    const start = (answer: () => unknown) => run({ start: answer, callback: () => exit }).log.at(-1);
    const thrown = () => {
      throw new Error("trap");
    };
    expect(start(thrown)).toBe("trap");
    expect(
      instance()
        .run({ start: () => exit, callback: () => exit })
        .log.at(-1),
    ).toBe("ended without an answer");
    expect(
      instance()
        .run({ start: () => 7, callback: () => exit })
        .log.at(-1),
    ).toMatch(/means nothing/);
  });

  it("keeps the others out while it waits on its stack", async () => {
    const { tasks, run, guest, subtask } = instance();
    const set = new WaitableSet();
    const wait = 2 | (guest.handles.add(set) << 4);
    const call = subtask(set);
    const first = run({
      start: () => wait,
      callback: () => {
        tasks.current!.state = "returned";
        return exit;
      },
    });
    let leave = (): void => {};
    const second = run({ start: () => new Promise<void>((resolve) => (leave = resolve)), callback: undefined });
    expect(second.task.isOnStack).toBe(true);
    call.finish();
    await later();
    expect(first.log.at(-1)).toBe("pause");
    second.task.state = "returned";
    leave();
    await later();
    expect([second.log.at(-1), first.log.at(-1)]).toEqual(["end", "end"]);
  });

  it("lets others have their turn where its events in a row take long, however short each is", async () => {
    const { tasks, guest, run, subtask } = instance();
    const set = new WaitableSet();
    const wait = 2 | (guest.handles.add(set) << 4);
    const next = (): void => void subtask(set).finish();
    let [events, others] = [0, 0];
    next();
    run({
      start: () => wait,
      callback: () => {
        guest.meter.passed += 0.4;
        if (++events === 12) tasks.current!.state = "returned";
        next();
        return events === 12 ? exit : wait;
      },
    });
    for (; events < 12; others++) await later();
    expect(others).toBeGreaterThan(2);
  });
});
