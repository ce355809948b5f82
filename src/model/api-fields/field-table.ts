import { gatewayApi } from "./gateway-api.ts";
import { kubernetes } from "./kubernetes.ts";

/** The fields that an object may have, and those of the objects in them; undefined: what stands there is not looked into. */
export type Fields = ReadonlyMap<string, Fields | undefined>;

/**
 * Names of fields with blanks between them; `name{…}` has fields of its own, and so has `name:Type`, those of another line of
 * its table. Lists are written as what they hold. Maps whose keys are anybody's (labels, data) are only names.
 */
type Table = Readonly<Record<string, string>>;

const tables: readonly Table[] = [kubernetes, gatewayApi];
/** Of every document, whatever its kind. */
const ofDocuments = "apiVersion kind metadata:Metadata status";
const made = new Map<string, Fields>();

/** The fields of a document of a kind of Kubernetes or the Gateway API; of other kinds, undefined. */
export function fieldsOf(kind: string): Fields | undefined {
  const table = tables.find((each) => Object.hasOwn(each, kind));
  if (table === undefined) return undefined;
  return read(`document ${kind}`, `${ofDocuments} ${table[kind]}`, table);
}

/** The fields of `metadata`, which are the same for all kinds. */
export function metadataFields(): Fields {
  return typed("Metadata", kubernetes);
}

function typed(type: string, table: Table): Fields {
  const own = Object.hasOwn(table, type) ? table : kubernetes;
  return read(type, (own as Table)[type] as string, own);
}

/** Types may hold themselves: each is entered before it is read. */
function read(name: string, text: string, table: Table): Fields {
  const key = `${name} of ${tables.indexOf(table)}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const fields = new Map<string, Fields | undefined>();
  made.set(key, fields);
  let open = fields;
  const outer: Map<string, Fields | undefined>[] = [];
  for (const [token, field, mark] of text.matchAll(/([A-Za-z]+)(\{|:[A-Za-z]+)?|\}/g)) {
    if (token === "}") {
      open = outer.pop() ?? fields;
    } else if (mark === "{") {
      const inner = new Map<string, Fields | undefined>();
      open.set(field as string, inner);
      outer.push(open);
      open = inner;
    } else {
      open.set(field as string, mark === undefined ? undefined : typed(mark.slice(1), table));
    }
  }
  return fields;
}
