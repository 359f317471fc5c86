import type { Called } from "./called.ts";

/** The largest page that WorkOS gives (OpenAPI 0.61). */
export const PAGE_SIZE = 100;

export interface Page<T> {
  items: T[];
  /** Where the next page starts; null at the end. */
  nextCursor: string | null;
}

/** Oldest first, so that what is made meanwhile comes at the end. */
export function pageQuery(cursor: string | null, limit = PAGE_SIZE) {
  const order: "asc" = "asc";
  return { limit, order, ...(cursor === null ? {} : { after: cursor }) };
}

/** Reads a list to its end; `beforeEach` lets one call go. */
export async function everyPage<T>(
  read: (cursor: string | null) => Promise<Called<Page<T>>>,
  beforeEach: () => Promise<void> = async () => {},
): Promise<Called<T[]>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    await beforeEach();
    const page = await read(cursor);
    if (!page.ok) return page;
    items.push(...page.value.items);
    cursor = page.value.nextCursor;
  } while (cursor !== null);
  return { ok: true, value: items };
}
