import { isCollection, isPair, isScalar } from "yaml";
import type { ErrorCode, Node, YAMLParseError } from "yaml";

interface Explanation {
  message: string;
  remedy: string;
}

/**
 * The YAML library's errors in our words. Its own texts quote the source, which may hold
 * secret values, so they are never shown.
 */
const explanations: Partial<Record<ErrorCode, Explanation>> = {
  ALIAS_PROPS: { message: "an alias has an anchor or tag of its own", remedy: "Remove what stands before the '*'." },
  BAD_ALIAS: { message: "an anchor or alias without a usable name", remedy: "Name it: &name and *name." },
  BAD_DIRECTIVE: { message: "an unknown directive", remedy: "Remove the line that begins with '%'." },
  BAD_DQ_ESCAPE: {
    message: "an unknown escape in double quotes",
    remedy: "Write \\\\ for a backslash, or use single quotes.",
  },
  BAD_INDENT: { message: "wrong indentation", remedy: "Indent this line as its neighbours, with spaces." },
  BAD_PROP_ORDER: { message: "an anchor or tag in the wrong place", remedy: "Put it right before the value." },
  BAD_SCALAR_START: { message: "a value begins with a reserved character", remedy: "Put the value in quotes." },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a second ': ' on one line",
    remedy: "Put the value in quotes, or begin a nested map on a line of its own.",
  },
  BLOCK_IN_FLOW: { message: "a block inside [ ] or { }", remedy: "Close the bracket first, or write all in brackets." },
  KEY_OVER_1024_CHARS: { message: "a key of more than 1024 characters", remedy: "Is a quote or line break missing?" },
  MISSING_CHAR: { message: "a closing quote, bracket, comma or colon is missing", remedy: "Close what was opened." },
  MULTILINE_IMPLICIT_KEY: {
    message: "a key goes over several lines",
    remedy: "Is a ':' missing after the key, or a quote?",
  },
  MULTIPLE_ANCHORS: { message: "a value with two anchors", remedy: "Keep one." },
  MULTIPLE_TAGS: { message: "a value with two tags", remedy: "Keep one." },
  TAB_AS_INDENT: { message: "a tab as indentation", remedy: "Indent with spaces: YAML forbids tabs there." },
  TAG_RESOLVE_FAILED: { message: "a value that does not fit its tag", remedy: "Remove the tag, or correct the value." },
  BAD_COLLECTION_TYPE: { message: "a value that does not fit its tag", remedy: "Remove the tag." },
  UNEXPECTED_TOKEN: {
    message: "something that does not belong here",
    remedy: "Look for a missing quote, colon or dash, and at the indentation.",
  },
};

const deeper: Explanation = {
  message: "a key is indented deeper than the one before it, which has a value already",
  remedy: "Indent it as its neighbours.",
};
const never: Explanation = {
  message: "what is opened here is never closed",
  remedy: "Close the quote or bracket, or look for the one that is too much.",
};

/** A syntax error of the YAML library as the person who wrote the file needs it. */
export function explainSyntax(error: YAMLParseError, root: unknown, text: string): Explanation & { offset: number } {
  const [offset] = error.pos;
  const open = text.slice(offset).trim() === "" ? lastOpened(root) : undefined;
  if (open !== undefined) return { ...never, offset: open };
  const line = text.slice(offset, text.indexOf("\n", offset) >>> 0);
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" && !/:\s/.test(line)) return { ...deeper, offset };
  return { ...explain(error.code), offset };
}

/** Where the last quote or bracket begins that is still open at the end of a document. */
function lastOpened(root: unknown): number | undefined {
  let opened: number | undefined;
  for (let node = root; node !== undefined && node !== null;) {
    const isOpen = isScalar(node) ? node.type?.startsWith("QUOTE") : isCollection(node) && node.flow;
    if (isOpen) opened = (node as Node).range?.[0];
    const last: unknown = isCollection(node) ? node.items.at(-1) : undefined;
    node = isPair(last) ? (last.value ?? last.key) : last;
  }
  return opened;
}

function explain(code: ErrorCode): Explanation {
  return explanations[code] ?? { message: "not valid YAML", remedy: "Look at this line and the one before it." };
}
