/** An expression of the text format: an atom, a string in quotes, or a list. */
export type Expression = string | Expression[];

const spaces = /[\s()";]/;

/** The expressions at the top of a script, each with its text. */
export function* topLevel(text: string): Generator<{ text: string; list: Expression[] }> {
  let at = 0;
  for (;;) {
    at = skipped(text, at);
    if (at >= text.length) return;
    const end = endOf(text, at);
    const own = text.slice(at, end);
    yield { text: own, list: read(own) as Expression[] };
    at = end;
  }
}

/** Behind blanks and comments. */
function skipped(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (at < text.length && /\s/.test(text[at]!)) at++;
    if (text.startsWith(";;", at)) at = (text.indexOf("\n", at) + 1 || text.length + 1) - 1;
    else if (text.startsWith("(;", at)) at = behindComment(text, at);
    else return at;
  }
}

function behindComment(text: string, from: number): number {
  let [depth, at] = [0, from];
  do {
    if (text.startsWith("(;", at)) [depth, at] = [depth + 1, at + 2];
    else if (text.startsWith(";)", at)) [depth, at] = [depth - 1, at + 2];
    else at++;
  } while (depth > 0 && at < text.length);
  return at;
}

function behindString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOf(text: string, from: number): number {
  let [depth, at] = [0, from];
  do {
    at = skipped(text, at);
    const sign = text[at];
    if (sign === '"') at = behindString(text, at);
    else {
      if (sign === "(") depth++;
      else if (sign === ")") depth--;
      at++;
      if (sign !== "(" && sign !== ")") while (at < text.length && !spaces.test(text[at]!)) at++;
    }
  } while (depth > 0 && at < text.length);
  return at;
}

/** One expression. */
function read(text: string): Expression {
  let at = 0;
  const next = (): Expression => {
    at = skipped(text, at);
    if (text[at] === "(") {
      at++;
      const list: Expression[] = [];
      for (at = skipped(text, at); text[at] !== ")"; at = skipped(text, at)) list.push(next());
      at++;
      return list;
    }
    const start = at;
    if (text[at] === '"') at = behindString(text, at);
    else while (at < text.length && !spaces.test(text[at]!)) at++;
    return text.slice(start, at);
  };
  return next();
}

/** What a string in quotes says. */
export function unquoted(text: string): string {
  const bytes: number[] = [];
  const inner = text.slice(1, -1);
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] !== "\\") bytes.push(...Buffer.from(inner[i]!));
    else if (/[0-9a-f]{2}/i.test(inner.slice(i + 1, i + 3)))
      bytes.push(Number.parseInt(inner.slice(i + 1, (i += 2) + 1), 16));
    else bytes.push(...Buffer.from({ n: "\n", t: "\t", r: "\r" }[inner[++i]!] ?? inner[i]!));
  }
  return Buffer.from(bytes).toString();
}

/** As the assembler takes it, which is older than some of the scripts. */
export function assembled(text: string): string {
  return text
    .replace(/^\(component\s+definition\b/, "(component")
    .replace(
      /\((memory|realloc|callback|post-return|dtor) \(core (memory|func|table) (\$\S+?)( "[^"]*")?\)\)/g,
      (_, option: string, sort: string, name: string, exported?: string) => {
        if (exported === undefined) return `(${option} ${name})`;
        return option === "memory" ? `(memory ${name}${exported})` : `(${option} (${sort} ${name}${exported}))`;
      },
    );
}
