/** A function that a puppet can be told to call: what makes it in its component, and its parameters and result in letters (i, I). */
export interface PuppetFunction {
  name: string;
  /** In the text format, after `core func`. */
  canon: string;
  params: string;
  result: "" | "i" | "I";
}

const memory = '(memory $libc "memory")';
const realloc = '(realloc (func $libc "realloc"))';

/** Streams and futures, by the names that scripts use and the types in the component. */
const flows = {
  bytes: "stream",
  nothings: "stream",
  streams: "stream",
  "field-streams": "stream",
  byte: "future",
  nothing: "future",
  trailers: "future",
  sent: "future",
} as const;

/** Those that need no interface of the host, and so are in every component of one. */
const plainFlows = ["bytes", "nothings", "streams", "byte", "nothing"];

function flowFunctions(flow: keyof typeof flows, blocking: boolean): PuppetFunction[] {
  const kind = flows[flow];
  const copy = kind === "stream" ? "iii" : "ii";
  const made = (suffix: string, canon: string, params: string, result: PuppetFunction["result"]): PuppetFunction => ({
    name: `${flow}.${suffix}`,
    canon: `(canon ${kind}.${canon})`,
    params,
    result,
  });
  return [
    made("new", `new $${flow}`, "", "I"),
    made("read", `read $${flow} async ${memory}`, copy, "i"),
    made("write", `write $${flow} async ${memory}`, copy, "i"),
    made("cancel-read", `cancel-read $${flow} async`, "i", "i"),
    made("cancel-write", `cancel-write $${flow} async`, "i", "i"),
    made("drop-readable", `drop-readable $${flow}`, "i", ""),
    made("drop-writable", `drop-writable $${flow}`, "i", ""),
    ...(blocking
      ? [
          made("read-here", `read $${flow} ${memory}`, copy, "i"),
          made("write-here", `write $${flow} ${memory}`, copy, "i"),
          made("cancel-read-here", `cancel-read $${flow}`, "i", "i"),
          made("cancel-write-here", `cancel-write $${flow}`, "i", "i"),
        ]
      : []),
  ];
}

/** The asynchronous canonical ABI. @param blocking those too that wait on the guest's stack. */
export function builtIns(blocking: boolean, ofHost: boolean): PuppetFunction[] {
  const [result, own] = ["(result (result (own $response) (error $error)))", "iiiIiiii"];
  const one = (name: string, params = "", returned: PuppetFunction["result"] = "", canon = name): PuppetFunction => ({
    name,
    canon: `(canon ${canon})`,
    params,
    result: returned,
  });
  return [
    ...(ofHost
      ? [one("task.return", own, "", `task.return ${result} ${memory}`)]
      : [one("task.return", "i", "", "task.return (result u32)")]),
    one("return-nothing", "", "", "task.return"),
    one("return-other", "iI", "", `task.return (result (tuple u32 u64)) ${memory}`),
    one("return-string", "ii", "", `task.return (result string) ${memory}`),
    one("task.cancel"),
    one("context.get", "", "i", "context.get i32 0"),
    one("context.set", "i", "", "context.set i32 0"),
    one("backpressure.inc"),
    one("backpressure.dec"),
    one("subtask.cancel", "i", "i", "subtask.cancel async"),
    one("subtask.drop", "i"),
    one("set.new", "", "i", "waitable-set.new"),
    one("set.poll", "ii", "i", `waitable-set.poll ${memory}`),
    one("set.drop", "i", "", "waitable-set.drop"),
    one("join", "ii", "", "waitable.join"),
    one("context-of-error.new", "ii", "i", `error-context.new ${memory}`),
    one("context-of-error.message", "ii", "", `error-context.debug-message ${memory} ${realloc}`),
    one("context-of-error.drop", "i", "", "error-context.drop"),
    ...(blocking
      ? [
          one("subtask.cancel-here", "i", "i", "subtask.cancel"),
          one("set.wait", "ii", "i", `waitable-set.wait ${memory}`),
          one("set.wait-cancellable", "ii", "i", `waitable-set.wait cancellable ${memory}`),
          one("yield", "", "i", "thread.yield"),
          one("yield-cancellable", "", "i", "thread.yield cancellable"),
        ]
      : []),
    ...Object.keys(flows)
      .filter((flow) => ofHost || plainFlows.includes(flow))
      .flatMap((flow) => flowFunctions(flow as keyof typeof flows, blocking)),
  ];
}

/** Functions of the host: lowered from the instances that the component imports. */
export function hostFunctions(blocking: boolean): PuppetFunction[] {
  const lower = (
    name: string,
    from: string,
    func: string,
    params: string,
    result: "" | "i",
    options = "",
  ): PuppetFunction => ({
    name,
    canon: `(canon lower (func $${from} "${func}") ${options})`,
    params,
    result,
  });
  const drop = (kind: string): PuppetFunction => ({
    name: `drop-${kind}`,
    canon: `(canon resource.drop $${kind})`,
    params: "i",
    result: "",
  });
  return [
    lower("fields", "http", "[constructor]fields", "", "i"),
    lower("fields.append", "http", "[method]fields.append", "iiiiii", "", `${memory} ${realloc}`),
    lower("fields.all", "http", "[method]fields.copy-all", "ii", "", `${memory} ${realloc}`),
    lower("response", "http", "[static]response.new", "iiiii", "", memory),
    lower("response.status", "http", "[method]response.set-status-code", "ii", "i"),
    lower("response.headers", "http", "[method]response.get-headers", "i", "i"),
    lower("response.consume", "http", "[static]response.consume-body", "iii", "", memory),
    lower("request", "http", "[static]request.new", "iiiiiii", "", memory),
    lower("request.headers", "http", "[method]request.get-headers", "i", "i"),
    lower("request.authority", "http", "[method]request.set-authority", "iiii", "i", memory),
    lower("request.scheme", "http", "[method]request.set-scheme", "iiiii", "i", memory),
    lower("request.path", "http", "[method]request.get-path-with-query", "ii", "", `${memory} ${realloc}`),
    lower("request.consume", "http", "[static]request.consume-body", "iii", "", memory),
    lower("send", "client", "send", "ii", "i", `async ${memory} ${realloc}`),
    lower("sleep", "clock", "wait-for", "I", "i", "async"),
    ...["fields", "request", "response"].map(drop),
    ...(blocking
      ? [
          lower("send-here", "client", "send", "ii", "", `${memory} ${realloc}`),
          lower("sleep-here", "clock", "wait-for", "I", ""),
        ]
      : []),
  ];
}

/** The other component of a puppet that is composed of two. */
export function childFunctions(blocking: boolean): PuppetFunction[] {
  const lower = (name: string, func: string, params: string, result: "" | "i", options: string): PuppetFunction => ({
    name,
    canon: `(canon lower (func $child "${func}") ${options})`,
    params,
    result,
  });
  return [
    lower("child", "run", "iii", "i", `async ${memory}`),
    lower("child-with", "run-with", "iiiii", "i", `async ${memory}`),
    ...(blocking
      ? [
          lower("child-here", "run", "ii", "i", memory),
          lower("child-on-stack", "run-here", "iii", "i", `async ${memory}`),
        ]
      : []),
  ];
}
