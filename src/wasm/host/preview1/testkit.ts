import { usualCounts } from "../../../model/plan/index.ts";
import type { Grant } from "../../files/index.ts";
import { openGrants } from "../../files/index.ts";
import type { CommandWorld } from "../cli/command-world.ts";
import { ComponentScope } from "../component.ts";
import { Guest } from "../guest.ts";
import { WholeSource, type OutputSink } from "../io/index.ts";
import { GuestMemory } from "../memory.ts";
import { preview1 } from "./index.ts";

type Value = number | bigint;

/** A program as its host functions see it, with a memory of one page and nobody who runs in it. */
export class Program {
  readonly guest: Guest;
  readonly memory: GuestMemory;
  readonly written: string[] = [];
  readonly #files: ReturnType<typeof openGrants>;
  readonly #version: "wasi_snapshot_preview1" | "wasi_unstable";
  #next = 8192;

  constructor(
    world: Partial<CommandWorld> = {},
    grants: Grant[] = [],
    version: "wasi_snapshot_preview1" | "wasi_unstable" = "wasi_snapshot_preview1",
  ) {
    this.#version = version;
    const logger = { log: () => {} };
    const plan = { id: "test", limits: usualCounts };
    this.guest = new Guest(new ComponentScope(plan as never, { config: new Map(), logger } as never));
    this.guest.entry = "waiting";
    this.memory = new GuestMemory(this.guest, {
      memory: new WebAssembly.Memory({ initial: 1 }),
      realloc: undefined,
    });
    this.#files = openGrants(grants, () => 1000);
    this.guest.directories = this.#files.directories;
    const sink: OutputSink = {
      failure: undefined,
      room: () => 1 << 20,
      flushed: () => true,
      write: (bytes) => void this.written.push(bytes.toString()),
      push: () => {},
    };
    this.guest.command = {
      args: [],
      environment: [],
      stdin: () => new WholeSource("input"),
      stdout: sink,
      stderr: sink,
      terminals: { stdin: false, stdout: true, stderr: false },
      exitCode: undefined,
      ...world,
    };
  }

  /** Calls a function of the host; answers its `errno`. */
  call(name: string, ...args: Value[]): number {
    const found = preview1[this.#version]!.functions[name]!;
    return found.bind(this.guest, this.memory)(...(args as never[])) as number;
  }

  /** The same where it may have to wait. */
  async wait(name: string, ...args: Value[]): Promise<number> {
    return await (this.call(name, ...args) as unknown as Promise<number>);
  }

  /** Somewhere in the memory that nothing else is. */
  place(size: number): number {
    const at = this.#next;
    this.#next = (at + size + 7) & ~7;
    return at;
  }

  /** A text in the memory: its pointer and size. */
  text(value: string): [number, number] {
    const bytes = Buffer.from(value);
    const at = this.place(bytes.length);
    this.memory.bytes.set(bytes, at);
    return [at, bytes.length];
  }

  /** An array of one buffer. */
  vector(pointer: number, size: number): [number, number] {
    const at = this.place(8);
    this.memory.view.setUint32(at, pointer, true);
    this.memory.view.setUint32(at + 4, size, true);
    return [at, 1];
  }

  u32(at: number): number {
    return this.memory.view.getUint32(at, true);
  }

  u64(at: number): bigint {
    return this.memory.view.getBigUint64(at, true);
  }

  /** Opens a path below the first granted directory; answers its number. */
  open(path: string, oflags = 0, rights = 0x1fff_ffffn, fdflags = 0): number {
    const at = this.place(4);
    const errno = this.call("path_open", 3, 1, ...this.text(path), oflags, rights, rights, fdflags, at);
    if (errno !== 0) throw new Error(`path_open ${path}: errno ${errno}`);
    return this.u32(at);
  }

  close(): void {
    this.#files.close();
  }
}
