import type { CoreModule } from "../binary/index.ts";
import type { Trace } from "./scan.ts";
import { event } from "./scan.ts";

/** The call graph of a module's own functions. */
export interface CallGraph {
  /** Own functions, callees before their callers as far as there is no cycle. */
  order: number[];
  /** 1: it can reach itself by direct calls. */
  cyclic: Uint8Array;
  /** 1: neither it nor what it calls calls out, through a table or to an import. */
  leaves: Uint8Array;
}

/** Tarjan's strongly connected components, without recursion, since call chains are as long as an attacker wants. */
export function recursive(module: CoreModule, traces: readonly Trace[]): CallGraph {
  const imported = module.importedFunctions;
  const count = traces.length;
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const cyclic = new Uint8Array(count);
  const leaves = new Uint8Array(count).fill(1);
  const order: number[] = [];
  const stack: number[] = [];
  const path: number[] = [];
  const cursor = new Int32Array(count);
  let next = 0;
  for (let root = 0; root < count; root++) {
    if (index[root] !== -1) continue;
    path.push(root);
    while (path.length > 0) {
      const at = path.at(-1)!;
      if (cursor[at] === 0) {
        index[at] = low[at] = next++;
        stack.push(at);
        onStack[at] = 1;
      }
      const { events } = traces[at]!;
      let deeper = false;
      while (cursor[at]! < events.length) {
        const what = events[cursor[at]!]!;
        cursor[at]! += 2;
        if (what < imported) {
          // An import or a call through a table; loops are negative too but call nothing.
          if (what >= 0 || what === event.indirect) leaves[at] = 0;
          continue;
        }
        const callee = what - imported;
        if (callee === at) cyclic[at] = 1;
        if (index[callee] === -1) {
          path.push(callee);
          deeper = true;
          break;
        }
        if (onStack[callee] === 1) low[at] = Math.min(low[at]!, index[callee]!);
        else if (leaves[callee] === 0) leaves[at] = 0;
      }
      if (deeper) continue;
      path.pop();
      const caller = path.at(-1);
      if (caller !== undefined) low[caller] = Math.min(low[caller]!, low[at]!);
      if (low[at] === index[at]) closeComponent(at, stack, onStack, cyclic, leaves, order);
      if (caller !== undefined && leaves[at] === 0) leaves[caller] = 0;
    }
  }
  return { order, cyclic, leaves };
}

function closeComponent(
  root: number,
  stack: number[],
  onStack: Uint8Array,
  cyclic: Uint8Array,
  leaves: Uint8Array,
  order: number[],
): void {
  const members: number[] = [];
  let member: number;
  do {
    member = stack.pop()!;
    onStack[member] = 0;
    members.push(member);
  } while (member !== root);
  const callsOut = members.some((one) => leaves[one] === 0);
  for (const one of members) {
    if (members.length > 1) cyclic[one] = 1;
    if (callsOut) leaves[one] = 0;
    order.push(one);
  }
}
