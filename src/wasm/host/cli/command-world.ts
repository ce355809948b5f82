import type { InputSource, OutputSink } from "../io/index.ts";

/** What a command has that a component which answers requests has not. */
export interface CommandWorld {
  /** With the name of the program first. */
  args: readonly string[];
  environment: readonly (readonly [name: string, value: string])[];
  /** The one source of its input. @param onReady of who opens it first: told when there is more. */
  stdin(onReady: () => void): InputSource;
  stdout: OutputSink;
  stderr: OutputSink;
  /** Which of them a person sits at. */
  terminals: { stdin: boolean; stdout: boolean; stderr: boolean };
  /** Nobody else is on its thread: where it sleeps for a moment, the thread may stand still. */
  alone?: boolean;
  /** What it ended itself with. */
  exitCode: number | undefined;
}
