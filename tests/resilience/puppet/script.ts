import { functionsOf, type PuppetKind } from "./component.ts";
import { steps } from "./machine.ts";

/** A number, a register (a to z), or a place in the script by its name. */
export type Operand = number | string;
/** A function or step, its operands, and the registers of its result (two of what answers two ends). */
export type Line =
  | readonly [name: string, operands?: readonly Operand[], results?: string]
  | { label: string; script?: readonly Line[] };

interface Shape {
  number: number;
  params: number;
  results: number;
}

/** Writes scripts for one kind of puppet, as they stand in paths. */
export class Scripts {
  readonly #shapes = new Map<string, Shape>();

  constructor(kind: PuppetKind = {}) {
    const all = [
      ...Object.entries(steps).map(([name, { params, result }]) => ({ name, params, results: result ? 1 : 0 })),
      ...functionsOf(kind).map(({ name, params, result }) => ({
        name,
        params: params.length,
        results: result === "I" ? 2 : result.length,
      })),
    ];
    for (const [number, { name, params, results }] of all.entries())
      this.#shapes.set(name, { number, params, results });
  }

  /** @param child writes the scripts that stand inside for the other component. */
  write(lines: readonly Line[], child?: Scripts): string {
    const places = new Map<string, number>();
    const sizes = new Map<string, number>();
    let text = "";
    // Numbers of places have one width: the second time all of them are known.
    for (let round = 0; round < 2; round++) {
      text = "";
      for (const line of lines) {
        if ("label" in line) {
          places.set(line.label, text.length);
          if (line.script === undefined) continue;
          const inner = child!.write(line.script, child);
          sizes.set(`${line.label}.size`, inner.length);
          text += inner;
        } else text += this.#line(line, (name) => places.get(name) ?? sizes.get(name) ?? 0);
      }
    }
    return text;
  }

  #line(
    [name, operands = [], results = ""]: Exclude<Line, { label: string }>,
    placeOf: (name: string) => number,
  ): string {
    const shape = this.#shapes.get(name);
    if (shape === undefined) throw new Error(`no puppet does ${name}`);
    if (operands.length !== shape.params) throw new Error(`${name} takes ${shape.params} operands`);
    const given = operands.map((operand) => {
      if (typeof operand === "string") return /^[a-z]$/.test(operand) ? operand : hex(placeOf(operand));
      return operand >= 0 && operand < 256 ? `S${operand.toString(16).toUpperCase().padStart(2, "0")}` : hex(operand);
    });
    const into = results.padEnd(shape.results, "_");
    return `${shape.number.toString(16).toUpperCase().padStart(2, "0")}${given.join("")}${into}`;
  }
}

function hex(value: number): string {
  return `H${(value >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
}
