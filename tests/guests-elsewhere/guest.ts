/** A guest that nobody here wrote: where it is from, how it is called, and what must come of it. */
export interface Guest {
  name: string;
  /** What it was written in, and what made it. */
  made: string;
  source: Source;
  call: Call;
}

export type Source =
  /** A file of a public Git repository, as it was when this was written. */
  | { repository: string; commit: string; path: string; sha256: string }
  /** Made of a public example by a toolchain of a package registry: the commands are in docs/guests.md. */
  | { made: string };

export type Call =
  | { kind: "serve"; requests: Exchange[] }
  | {
      kind: "run";
      args?: string[];
      /** In a folder that it gets as `/`, or by this name. */
      files?: Record<string, string>;
      folder?: string;
      expect: { exit: number; stdout?: string };
    }
  /** It exports functions that no command of ours calls: it must be linked and rewritten. */
  | { kind: "prepare" }
  | { kind: "refuse"; text: string };

interface Exchange {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  expect: { status: number; body?: string };
}
