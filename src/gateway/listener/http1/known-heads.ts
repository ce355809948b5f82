import type { RawHeaders } from "../../../foundation/http/index.ts";

/** A head that may come again. */
interface Place {
  status: number;
  fields: RawHeaders;
  /** What makes bytes of it was asked. */
  isMade: boolean;
  head: KnownHead | undefined;
}

/** First line and fields of an answer, as they go out. */
export interface KnownHead {
  readonly lines: Uint8Array;
  /** They say `date`. */
  readonly dated: boolean;
}

const places = 16;
/** Names and values of heads that are worth comparing. */
const most = 32;

/**
 * Heads of answers that came twice, as bytes: a component gives the same few again and again, and mostly in the very strings, so that to
 * compare them costs a fraction of making them anew. One a place, which status and lengths say; what comes there next takes it.
 */
export class KnownHeads {
  readonly #make: (status: number, fields: RawHeaders) => KnownHead | undefined;
  readonly #places = Array.from({ length: places }, (): Place => ({
    status: 0,
    fields: [],
    isMade: false,
    head: undefined,
  }));

  /** @param make is asked when a head comes for the second time; undefined: it is none for here. */
  constructor(make: (status: number, fields: RawHeaders) => KnownHead | undefined) {
    this.#make = make;
  }

  /** Undefined: it is not known. */
  find(status: number, fields: RawHeaders): KnownHead | undefined {
    const { length } = fields;
    if (length > most) return undefined;
    const last = length === 0 ? 0 : (fields[length - 1] as string).length;
    const place = this.#places[(status + 5 * length + last) & (places - 1)] as Place;
    if (place.status !== status || !isSame(place.fields, fields)) {
      place.status = status;
      place.fields = fields;
      place.isMade = false;
      place.head = undefined;
    } else if (!place.isMade) {
      place.isMade = true;
      // Whose the array is may change it.
      place.fields = [...fields];
      place.head = this.#make(status, fields);
    }
    return place.head;
  }
}

function isSame(one: RawHeaders, other: RawHeaders): boolean {
  const { length } = one;
  if (other.length !== length) return false;
  for (let index = 0; index < length; index++) if (one[index] !== other[index]) return false;
  return true;
}
