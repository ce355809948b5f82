import { afterwards, type HttpResponse } from "../../foundation/http/index.ts";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { BackendTarget, FilterPlan } from "../../model/plan/index.ts";
import type { LoadedComponent } from "../../wasm/runtime.ts";
import { editRequest } from "../http1/read-request.ts";
import { editResponse } from "../http1/read-response.ts";
import { compileCors } from "./cors.ts";
import { compileEdits } from "./edit-headers.ts";
import { editPath, splitTarget } from "./edit-path.ts";
import { compileExtAuthz } from "./ext-authz/filter.ts";
import { compileExternalAuth } from "./external-auth.ts";
import { middleware } from "./middleware.ts";
import { compileMirror } from "./mirror.ts";
import type { Stage } from "./passage.ts";
import { compileRedirect } from "./redirect.ts";

/** What filters lead to. */
export interface FilterParts {
  component(id: string): LoadedComponent | undefined;
  /** Where copies of requests go. */
  target(target: BackendTarget): Stage;
}

/** Puts filters before a stage; the first one written sees the request first and the response last. */
export function compileFilters(filters: FilterPlan[], last: Stage, parts: FilterParts): Stage {
  return withAnswersChanged(filters).reduceRight((next, filter) => compileFilter(filter, next, parts), last);
}

/** A redirect answers: what only changes answers comes before it, wherever it is written. The Gateway API leaves the order open. */
function withAnswersChanged(filters: FilterPlan[]): FilterPlan[] {
  const redirect = filters.findIndex(({ type }) => type === "RequestRedirect");
  if (redirect === -1) return filters;
  const behind = filters.slice(redirect).filter(({ type }) => type === "ResponseHeaderModifier" || type === "CORS");
  return [...filters.slice(0, redirect), ...behind, ...filters.slice(redirect)];
}

function compileFilter(filter: FilterPlan, next: Stage, parts: FilterParts): Stage {
  switch (filter.type) {
    case "RequestHeaderModifier":
      return withRequestEdits(filter.edits, next);
    case "ResponseHeaderModifier": {
      const edits = compileEdits(filter.edits);
      const edit = (response: HttpResponse): HttpResponse => editResponse(response, edits);
      return (request, passage) => afterwards(next(request, passage), edit);
    }
    case "RequestRedirect":
      return compileRedirect(filter);
    case "URLRewrite":
      return rewrite(filter, next);
    case "RequestMirror":
      // One that leads nowhere is reported, and the requests themselves go on.
      return filter.target.type === "Unresolved"
        ? next
        : compileMirror(parts.target(filter.target), filter.share, next);
    case "CORS":
      return compileCors(filter.cors, next);
    case "ExternalAuth":
      return (filter.auth.grpc ? compileExtAuthz : compileExternalAuth)(
        filter.auth,
        parts.target(filter.auth.target),
        next,
      );
    case "Component": {
      const component = parts.component(filter.component);
      return component === undefined
        ? unresolved(`component ${filter.component} is not there`)
        : middleware(component, next);
    }
    case "Unresolved":
      return unresolved(filter.reason);
  }
}

function withRequestEdits(edits: Extract<FilterPlan, { type: "RequestHeaderModifier" }>["edits"], next: Stage): Stage {
  // Host travels as `authority`.
  const host = edits.set.find(({ name }) => name.toLowerCase() === "host")?.value;
  const others = ({ name }: { name: string }): boolean => name.toLowerCase() !== "host";
  const compiled = compileEdits({ ...edits, set: edits.set.filter(others), add: edits.add.filter(others) });
  return (request, passage) => {
    editRequest(request, compiled);
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

/** A filter that cannot be resolved answers 500; it is never skipped. */
function unresolved(reason: string): Stage {
  return () => {
    throw new BandstandError("filter-unresolved", reason);
  };
}
