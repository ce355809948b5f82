import { BandstandError } from "../../foundation/errors/index.ts";
import type { FilterPlan } from "../../model/plan/index.ts";
import type { LoadedComponent } from "../../wasm/runtime.ts";
import { compileEdits } from "./edit-headers.ts";
import { editPath, splitTarget } from "./edit-path.ts";
import { afterwards, type Stage } from "./passage.ts";
import { compileRedirect } from "./redirect.ts";

/** Puts filters before a stage; the first one written sees the request first and the response last. */
export function compileFilters(
  filters: FilterPlan[],
  last: Stage,
  componentOf: (id: string) => LoadedComponent | undefined,
): Stage {
  return filters.reduceRight((next, filter) => compileFilter(filter, next, componentOf), last);
}

function compileFilter(
  filter: FilterPlan,
  next: Stage,
  componentOf: (id: string) => LoadedComponent | undefined,
): Stage {
  switch (filter.type) {
    case "RequestHeaderModifier":
      return editRequest(filter.edits, next);
    case "ResponseHeaderModifier": {
      const edit = compileEdits(filter.edits);
      return (request, passage) =>
        afterwards(next(request, passage), (response) => ({ ...response, headers: edit(response.headers) }));
    }
    case "RequestRedirect":
      return compileRedirect(filter);
    case "URLRewrite":
      return rewrite(filter, next);
    case "Component": {
      const component = componentOf(filter.component);
      return component === undefined
        ? unresolved(`component ${filter.component} is not there`)
        : middleware(component, next);
    }
    case "Unresolved":
      return unresolved(filter.reason);
  }
}

function editRequest(edits: Extract<FilterPlan, { type: "RequestHeaderModifier" }>["edits"], next: Stage): Stage {
  // Host travels as `authority`.
  const host = edits.set.find(({ name }) => name.toLowerCase() === "host")?.value;
  const others = ({ name }: { name: string }): boolean => name.toLowerCase() !== "host";
  const edit = compileEdits({ ...edits, set: edits.set.filter(others), add: edits.add.filter(others) });
  return (request, passage) => {
    request.headers = edit(request.headers);
    if (host !== undefined) request.authority = host;
    return next(request, passage);
  };
}

function rewrite({ hostname, path: edit }: Extract<FilterPlan, { type: "URLRewrite" }>, next: Stage): Stage {
  return (request, passage) => {
    if (hostname !== undefined) request.authority = hostname;
    if (edit !== undefined && request.target !== "*") {
      const { path, query } = splitTarget(request.target);
      request.target = editPath(edit, path, passage.path) + query;
    }
    return next(request, passage);
  };
}

function middleware(component: LoadedComponent, next: Stage): Stage {
  return (request, passage) =>
    component.handle(request, passage, (onward, context) => {
      const part = passage.under(context);
      const response = next(onward, part);
      if (part === passage) return response;
      return afterwards(response, (answer) => {
        passage.learn(part);
        return answer;
      });
    });
}

/** A filter that cannot be resolved answers 500; it is never skipped. */
function unresolved(reason: string): Stage {
  return () => {
    throw new BandstandError("filter-unresolved", reason);
  };
}
