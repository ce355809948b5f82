export { runTool, whichTool } from "./run.ts";
export type { ToolCall, ToolResult } from "./run.ts";
