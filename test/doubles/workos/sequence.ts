/** Query parameters of every list. */
export interface PageQuery {
  limit: number;
  /** `normal` is `desc` with the cursors the other way round. */
  order: "asc" | "desc" | "normal";
  after?: string | undefined;
  before?: string | undefined;
}

/** The answer of every list that comes in pages. */
export interface Page<T> {
  object: "list";
  data: T[];
  list_metadata: { before: string | null; after: string | null };
}

/** Objects in order of creation; a removed one leaves a gap, so that cursors stay valid. */
export class Sequence<T extends { id: string }> {
  readonly #order: (T | null)[] = [];
  readonly #positions = new Map<string, number>();

  push(item: T): void {
    this.#positions.set(item.id, this.#order.push(item) - 1);
  }

  remove(item: T): void {
    const position = this.#positions.get(item.id);
    if (position !== undefined) this.#order[position] = null;
  }

  all(): T[] {
    return this.#order.filter((item) => item !== null);
  }

  /** Null for a cursor that names nothing. */
  page(query: PageQuery, keeps: (item: T) => boolean): Page<T> | null {
    const { limit, order, after, before } = query;
    if (order === "normal")
      return turned(this.page({ limit, order: "desc", after: before, before: after }, keeps));
    const isBackwards = before !== undefined;
    const step = (order === "asc") === isBackwards ? -1 : 1;
    const from = this.#start(before ?? after, step);
    if (from === null) return null;
    const { found, hasMore } = this.#walk(from, step, limit, keeps);
    if (isBackwards) found.reverse();
    const first = found[0]?.id ?? null;
    const last = found.at(-1)?.id ?? null;
    if (isBackwards) return pageOf(found, hasMore ? first : null, last);
    return pageOf(found, after === undefined ? null : first, hasMore ? last : null);
  }

  #start(cursor: string | undefined, step: 1 | -1): number | null {
    if (cursor === undefined) return step === 1 ? 0 : this.#order.length - 1;
    const position = this.#positions.get(cursor);
    return position === undefined ? null : position + step;
  }

  #walk(from: number, step: 1 | -1, limit: number, keeps: (item: T) => boolean) {
    const found: T[] = [];
    for (let at = from; at >= 0 && at < this.#order.length; at += step) {
      const item = this.#order[at] ?? null;
      if (item === null || !keeps(item)) continue;
      if (found.length === limit) return { found, hasMore: true };
      found.push(item);
    }
    return { found, hasMore: false };
  }
}

export function pageOf<T>(data: T[], before: string | null, after: string | null): Page<T> {
  return { object: "list", data, list_metadata: { before, after } };
}

function turned<T>(page: Page<T> | null): Page<T> | null {
  if (page === null) return null;
  return pageOf(page.data, page.list_metadata.after, page.list_metadata.before);
}
