import type { CoreModule, Replacement, Section } from "../binary/index.ts";
import { encodeModule, Reader, section, sectionOrder, Writer } from "../binary/index.ts";

/** Collects changes to the sections of a module, then encodes it with them. */
export class Sections {
  readonly #module: CoreModule;
  readonly #change: { replace: Map<Section, Uint8Array | undefined>; insert: Replacement["insert"] } = {
    replace: new Map(),
    insert: [],
  };

  readonly #appended = new Map<number, { count: number; entries: Writer }>();

  constructor(module: CoreModule) {
    this.#module = module;
  }

  /** Entries behind those that a section has; a section that is missing comes to stand where it must. */
  append(id: number, count: number, entries: Uint8Array): void {
    const more = this.#appended.get(id) ?? { count: 0, entries: new Writer(entries.length) };
    more.count += count;
    more.entries.raw(entries);
    this.#appended.set(id, more);
  }

  #joined(id: number, { count, entries }: { count: number; entries: Writer }): Uint8Array {
    const old = this.#find(id);
    if (old === undefined) return new Writer().u32(count).raw(entries.view()).view();
    const { bytes } = this.#module;
    const reader = new Reader(bytes, old.start, old.end);
    const total = reader.u32() + count;
    const out = new Writer(old.end - old.start + entries.length + 5);
    return out.u32(total).copy(bytes, reader.position, old.end).raw(entries.view()).view();
  }

  /** A new content, or none: the section goes. */
  set(id: number, content: Uint8Array | undefined): void {
    const old = this.#find(id);
    if (old !== undefined) this.#change.replace.set(old, content);
    else if (content !== undefined) this.#change.insert.push({ before: this.#follower(id), id, content });
  }

  /** Custom sections that do not pass the test go: many hold code offsets, which are wrong by now. */
  keepCustom(test: (name: string) => boolean): void {
    for (const found of this.#module.sections) {
      if (found.id === section.custom && !test(found.name ?? "")) this.#change.replace.set(found, undefined);
    }
  }

  insertBeforeCode(content: Uint8Array): void {
    this.#change.insert.push({
      before: this.#find(section.code) ?? this.#follower(section.code),
      id: section.custom,
      content,
    });
  }

  encode(): Uint8Array {
    for (const [id, more] of this.#appended) if (more.count > 0) this.set(id, this.#joined(id, more));
    // Inserted before the same section, they stand in their own order.
    const rank = (id: number): number =>
      id === section.custom ? sectionOrder.indexOf(section.code) - 0.5 : sectionOrder.indexOf(id);
    this.#change.insert.sort((a, b) => rank(a.id) - rank(b.id));
    return encodeModule(this.#module, this.#change);
  }

  #find(id: number): Section | undefined {
    return this.#module.sections.find((found) => found.id === id);
  }

  #follower(id: number): Section | undefined {
    const rank = sectionOrder.indexOf(id);
    return this.#module.sections.find((found) => found.id !== section.custom && sectionOrder.indexOf(found.id) > rank);
  }
}
