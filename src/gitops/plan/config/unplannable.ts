import type { ProblemCode } from "../../../model/problem/problem.ts";

/** Why something cannot be planned; ends the planning of one pod or component, never of the site. */
export class Unplannable extends Error {
  readonly remedy: string;
  readonly code: ProblemCode;

  constructor(message: string, remedy: string, code: ProblemCode = "dangling-reference") {
    super(message);
    this.name = "Unplannable";
    this.remedy = remedy;
    this.code = code;
  }
}
