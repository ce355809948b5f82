import type { MatchPlan, PathEdit } from "../../model/plan/index.ts";
import { prefixKey } from "../match/index.ts";

/**
 * The path after a `path` of URLRewrite or RequestRedirect; `path` and answer are without query.
 * Of a prefix as many segments are replaced as it has, whatever encoding the client chose for them.
 */
export function editPath(edit: PathEdit, path: string, matched: MatchPlan["path"]): string {
  if (edit.type === "ReplaceFullPath") return edit.value.startsWith("/") ? edit.value : `/${edit.value}`;
  const base = edit.value.endsWith("/") ? edit.value.slice(0, -1) : edit.value;
  const edited = base + afterSegments(path, matched);
  return edited.startsWith("/") ? edited : `/${edited}`;
}

/** How many segments a prefix has, of each that was matched. */
const segmentsOf = new WeakMap<MatchPlan["path"], number>();

/** What follows the matched prefix: empty, or from its slash on. */
function afterSegments(path: string, matched: MatchPlan["path"]): string {
  if (matched.type !== "PathPrefix") return "";
  let segments = segmentsOf.get(matched);
  if (segments === undefined) {
    segments = prefixKey(matched.value).split("/").length - 1;
    segmentsOf.set(matched, segments);
  }
  let end = 0;
  for (; segments > 0; segments--) {
    end = path.indexOf("/", end + 1);
    if (end === -1) return "";
  }
  return path.slice(end);
}

/** Cuts a target into path and query; the query keeps its `?`. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf("?");
  return mark === -1 ? { path: target, query: "" } : { path: target.slice(0, mark), query: target.slice(mark) };
}
