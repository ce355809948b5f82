/** What no component may exceed, whatever its plan says. Past one of these the guest ends with `component-resources`. */
export const hostLimits = {
  /** Bytes of one string, and of one list of bytes that is no body. */
  textBytes: 1 << 20,
  /** Bytes of a request's method, target, scheme or authority: a longer one is none, as for servers elsewhere. */
  partOfHead: 65_534,
  /** Entries of one list that is neither bytes nor headers. */
  list: 1_000,
  /** Keys and values in one call that has many of them. */
  batchBytes: 4 << 20,
  /** Bytes of bodies that one request writes and that wait for their readers, all together. */
  waitingBytes: 4 << 20,
  /** Pollables in one call of `poll`: each look at them holds up whoever shares the thread; of a command, which has it to itself. */
  pollables: 1_000,
  pollablesOfCommand: 10_000,
  /** Calls under way of one of the components that one is composed of. */
  tasks: 1_000,
  /** Stacks on which such calls wait: each takes room in the address space, of which a process has so much. */
  stacks: 64,
  /** Outgoing requests of one incoming request; a command sends as many as it likes. */
  outgoingRequests: 100,
  /** Random bytes in one call. */
  randomBytes: 1 << 20,
  /** Lines that are kept until a guest is done; more are written at once. */
  keptLines: 1000,
  /** Units of one line of the log; longer ones are split. */
  logLine: 8 << 10,
  /** Bytes that the host moves for a guest before it must look whether its turn is over. */
  workBetweenChecks: 32 << 10,
  /** CPU time that a guest may always run on below a host function once its turn is over. Milliseconds. */
  heldTime: 3,
  /** The same where its component did so seldom: this share of its limit of CPU time, but no more than so many milliseconds. */
  heldShare: 0.5,
  heldLongest: 100,
} as const;

/** Bytes of a body that wait for their reader before the guest must wait too. */
export const highWater = 128 << 10;

/** Bodies up to this size that are complete go out as one string with their head. */
export const smallBody = 16 << 10;
