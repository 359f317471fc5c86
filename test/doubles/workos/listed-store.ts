import { createIds } from "./ids.ts";
import { type Page, type PageQuery, Sequence } from "./sequence.ts";

/** What every resource has; the store makes it. */
export interface Stamp {
  id: string;
  created_at: string;
  updated_at: string;
}

export interface StoreKind<T> {
  idPrefix: string;
  /** What is unique among them, for look-ups; null for one without. */
  keyOf: (item: T) => string | null;
  /** What creations are counted by; `keyOf` where it is left out. */
  countedBy?: (item: T) => string | null;
  /** What tests know it by in the journal; `countedBy` where it is left out. */
  nameOf?: (item: T) => string | null;
  /** The lists that hold it beside the list of all, such as that of a user's memberships. */
  groupsOf?: (item: T) => string[];
}

/** Which part of the list is asked for. */
export interface Selection<T> {
  group?: string | undefined;
  keeps?: (item: T) => boolean;
}

/** One kind of resource by id, key and order of creation; every question takes few steps, however many there are. */
export class ListedStore<T extends Stamp> {
  readonly byId = new Map<string, T>();
  /** Creations over the API, also of what is deleted since. */
  readonly created = new Map<string, number>();
  readonly #kind: StoreKind<T>;
  readonly #byKey = new Map<string, T>();
  readonly #everything = new Sequence<T>();
  readonly #groups = new Map<string, Sequence<T>>();
  readonly #hiddenUntilMs = new Map<string, number>();
  readonly #nextId: () => string;

  constructor(kind: StoreKind<T>) {
    this.#kind = kind;
    this.#nextId = createIds(kind.idPrefix);
  }

  stamp(): Stamp {
    const now = new Date().toISOString();
    return { id: this.#nextId(), created_at: now, updated_at: now };
  }

  /** As if it had been there before: visible at once and not counted. Throws for a key in use. */
  add(item: T): T {
    const key = this.#kind.keyOf(item);
    if (key !== null) {
      if (this.#byKey.has(key))
        throw new Error(`There is a ${this.#kind.idPrefix} of the key "${key}" already.`);
      this.#byKey.set(key, item);
    }
    this.byId.set(item.id, item);
    for (const sequence of this.#sequencesOf(item)) sequence.push(item);
    return item;
  }

  /** Over the API: hidden from look-ups and lists for a while, and counted. */
  create(item: T, hiddenForMs = 0): T {
    this.add(item);
    if (hiddenForMs > 0) this.#hiddenUntilMs.set(item.id, Date.now() + hiddenForMs);
    const name = this.#countedBy(item);
    if (name !== null) this.created.set(name, (this.created.get(name) ?? 0) + 1);
    return item;
  }

  /** Nothing is late any more. */
  showAll(): void {
    this.#hiddenUntilMs.clear();
  }

  /** The key and the groups must stay as they are. */
  change(item: T, fields: Partial<Omit<T, keyof Stamp>>): void {
    Object.assign(item, fields, { updated_at: new Date().toISOString() });
  }

  remove(item: T): void {
    this.byId.delete(item.id);
    const key = this.#kind.keyOf(item);
    if (key !== null) this.#byKey.delete(key);
    for (const sequence of this.#sequencesOf(item)) sequence.remove(item);
  }

  /** Whatever has the key, visible or not. */
  holderOf(key: string): T | null {
    return this.#byKey.get(key) ?? null;
  }

  /** Null also for what is still hidden. */
  find(key: string): T | null {
    const item = this.holderOf(key);
    return item !== null && this.#isVisible(item) ? item : null;
  }

  /** Null for a cursor that names nothing in the list asked for. */
  page(query: PageQuery, { group, keeps = () => true }: Selection<T> = {}): Page<T> | null {
    const sequence = group === undefined ? this.#everything : (this.#groups.get(group) ?? new Sequence<T>());
    return sequence.page(query, (item) => keeps(item) && this.#isVisible(item));
  }

  all(): T[] {
    return this.#everything.all();
  }

  inGroup(group: string): T[] {
    return this.#groups.get(group)?.all() ?? [];
  }

  /** For the journal; the id of what has no name. */
  nameOf(item: T): string {
    return this.#kind.nameOf?.(item) ?? this.#countedBy(item) ?? item.id;
  }

  #countedBy(item: T): string | null {
    return (this.#kind.countedBy ?? this.#kind.keyOf)(item);
  }

  #sequencesOf(item: T): Sequence<T>[] {
    const groups = this.#kind.groupsOf?.(item) ?? [];
    return [this.#everything, ...groups.map((group) => this.#group(group))];
  }

  #group(name: string): Sequence<T> {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const sequence = new Sequence<T>();
    this.#groups.set(name, sequence);
    return sequence;
  }

  #isVisible(item: T): boolean {
    const hiddenUntilMs = this.#hiddenUntilMs.get(item.id);
    if (hiddenUntilMs === undefined) return true;
    if (hiddenUntilMs > Date.now()) return false;
    this.#hiddenUntilMs.delete(item.id);
    return true;
  }
}
