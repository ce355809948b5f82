import { InputStream, OutputStream, Pipe, Pollable } from "./streams.ts";

type Variant<Value = unknown> = { tag: string; val?: Value };
/** Alternating names and values. */
export type Pairs = [name: string, value: string][];

/** What a body written by the guest looks like afterwards. */
export interface Sent {
  status: number;
  headers: Pairs;
  body: Pipe | undefined;
}

/** A request that the guest sent onwards. */
export interface Forwarded {
  method: string;
  scheme: string;
  authority: string;
  target: string;
  headers: Pairs;
  body: Pipe | undefined;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class Fields {
  list: [string, Uint8Array][] = [];
  static of(pairs: Pairs): Fields {
    const fields = new Fields();
    fields.list = pairs.map(([name, value]) => [name, encoder.encode(value)]);
    return fields;
  }
  pairs(): Pairs {
    return this.list.map(([name, value]) => [name, decoder.decode(value)]);
  }
  get(name: string): Uint8Array[] {
    return this.list.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  }
  set(name: string, values: Uint8Array[]): void {
    this.delete(name);
    for (const value of values) this.append(name, value);
  }
  append(name: string, value: Uint8Array): void {
    // oxlint-disable-next-line no-throw-literal -- the error case of jco's results
    if (name === "" || value.some((byte) => byte < 32 && byte !== 9)) throw { tag: "invalid-syntax" };
    this.list.push([name, value.slice()]);
  }
  delete(name: string): void {
    this.list = this.list.filter(([each]) => each.toLowerCase() !== name.toLowerCase());
  }
  entries(): [string, Uint8Array][] {
    return this.list;
  }
  clone(): Fields {
    const copy = new Fields();
    copy.list = [...this.list];
    return copy;
  }
}

export class IncomingBody {
  readonly pipe: Pipe;
  constructor(pipe: Pipe) {
    this.pipe = pipe;
  }
  stream(): InputStream {
    return new InputStream(this.pipe);
  }
}

export class IncomingRequest {
  readonly parts: Forwarded;
  constructor(parts: Forwarded) {
    this.parts = parts;
  }
  method(): Variant<string> {
    const known = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"].includes(this.parts.method);
    return known ? { tag: this.parts.method.toLowerCase() } : { tag: "other", val: this.parts.method };
  }
  pathWithQuery(): string {
    return this.parts.target;
  }
  scheme(): Variant {
    return { tag: this.parts.scheme.toUpperCase() };
  }
  authority(): string {
    return this.parts.authority;
  }
  headers(): Fields {
    return Fields.of(this.parts.headers);
  }
  consume(): IncomingBody {
    return new IncomingBody(this.parts.body ?? new Pipe(""));
  }
}

export class OutgoingBody {
  readonly pipe = new Pipe();
  write(): OutputStream {
    return new OutputStream(this.pipe, OutgoingBody.room);
  }
  static room = 4096;
  static finish(body: OutgoingBody): void {
    body.pipe.ended = true;
  }
}

class Message {
  readonly fields: Fields;
  content: OutgoingBody | undefined;
  constructor(fields: Fields) {
    this.fields = fields;
  }
  headers(): Fields {
    return this.fields;
  }
  body(): OutgoingBody {
    this.content = new OutgoingBody();
    return this.content;
  }
}

export class OutgoingRequest extends Message {
  parts = { method: "GET", scheme: "", authority: "", target: "" };
  setMethod(method: Variant<string>): void {
    this.parts.method = method.val ?? method.tag.toUpperCase();
  }
  setPathWithQuery(target: string): void {
    this.parts.target = target;
  }
  setScheme(scheme: Variant<string>): void {
    this.parts.scheme = scheme.val ?? scheme.tag.toLowerCase();
  }
  setAuthority(authority: string): void {
    this.parts.authority = authority;
  }
}

export class OutgoingResponse extends Message {
  status = 200;
  setStatusCode(status: number): void {
    // oxlint-disable-next-line no-throw-literal -- the error case of jco's results
    if (status < 200 || status > 999) throw undefined;
    this.status = status;
  }
}

export class ResponseOutparam {
  sent: Sent | undefined;
  static set(outparam: ResponseOutparam, result: Variant<OutgoingResponse>): void {
    if (result.tag !== "ok" || result.val === undefined)
      throw new Error(`the guest answered ${JSON.stringify(result)}`);
    const response = result.val;
    outparam.sent = { status: response.status, headers: response.fields.pairs(), body: response.content?.pipe };
  }
}

export class IncomingResponse {
  readonly response: { status: number; headers: Pairs; body: Pipe };
  constructor(response: { status: number; headers: Pairs; body: Pipe }) {
    this.response = response;
  }
  status(): number {
    return this.response.status;
  }
  headers(): Fields {
    return Fields.of(this.response.headers);
  }
  consume(): IncomingBody {
    return new IncomingBody(this.response.body);
  }
}

/** Comes only at the second look, so that guests have to wait for it. */
export class FutureIncomingResponse {
  private looks = 0;
  private readonly answer: () => IncomingResponse | undefined;
  constructor(answer: () => IncomingResponse | undefined) {
    this.answer = answer;
  }
  subscribe(): Pollable {
    return new Pollable();
  }
  get(): Variant<Variant> | undefined {
    if (this.looks++ < 3) return undefined;
    const response = this.answer();
    if (response === undefined) return { tag: "ok", val: { tag: "err", val: { tag: "connection-refused" } } };
    return { tag: "ok", val: { tag: "ok", val: response } };
  }
}
