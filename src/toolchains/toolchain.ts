import type { Sources } from "./source/index.ts";

/** The languages that components can be written in here; others come as files. */
export type Language = "typescript" | "assemblyscript" | "c";

/** What one build may take. */
export interface BuildLimits {
  /** Milliseconds for the whole build. */
  timeout: number;
  /** Bytes of data memory for each process of the build. */
  memory: number;
}

/** What a driver gets: a private copy of the sources, which it may write beside. */
export interface BuildInput {
  /** Folder of the copy; compilers run in it, so that their messages name files as the author does. */
  folder: string;
  /** An empty folder for everything that the build makes. */
  output: string;
  /** The author's folder, for packages that are installed there already; never written. */
  original: string;
  sources: Sources;
  limits: BuildLimits;
  signal: AbortSignal;
}

/**
 * One language. Everything a driver runs is a child process with limits; it never runs
 * what it builds in the caller's process. Only machines of authors build, never nodes.
 */
export interface Toolchain {
  readonly language: Language;
  /** The files that say that a folder is in this language, for people. */
  readonly recognisedBy: string;
  /** Tells by the names of a folder's files, relative and with `/`. */
  recognises(files: ReadonlySet<string>): boolean;
  /** Changes whenever the same sources could give other bytes: versions of tools and SDK. */
  fingerprint(): Promise<string>;
  /** The component's bytes. Throws BuildError for mistakes in the sources, `environment` for what is not installed. */
  build(input: BuildInput): Promise<Uint8Array>;
}
