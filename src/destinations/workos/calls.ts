import type { Answer } from "../destination.ts";
import { type Failure, failureOf, UNREADABLE } from "./errors.ts";
import { PAGE_SIZE } from "./facts.ts";

/** Single HTTP calls, and lists of them. Nothing here rejects. */

const ENDLESS = {
  kind: "unknown",
  code: "endless_list",
  message: "WorkOS's list leads back to a page that it has shown before.",
} as const satisfies Failure;

export type Called<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export async function called<T>(call: () => Promise<T>): Promise<Called<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}

/** For a look-up, where not being there is an answer. */
export function nullIfAbsent<T>(found: Called<T>): Called<T | null> {
  return !found.ok && found.failure.kind === "absent" ? { ok: true, value: null } : found;
}

/** For a removal, where not being there is what was wanted: null then. */
export async function removed(call: () => Promise<void>): Promise<Called<"removed" | null>> {
  return nullIfAbsent(
    await called(async () => {
      await call();
      return "removed" as const;
    }),
  );
}

export function answerOf<T>(called: Called<T>): Answer<T> {
  return called.ok ? called : problemOf(called.failure);
}

/** Of a look-up: a row that lacks what is documented will be answered again as it is. */
export function foundAnswerOf<T>(called: Called<T>): Answer<T> {
  const isOdd = !called.ok && called.failure.kind === "unknown" && called.failure.code === UNREADABLE;
  return isOdd ? { ok: false, problem: "refused", code: UNREADABLE } : answerOf(called);
}

/**
 * Of one page of a list: what is refused behind a cursor is refused because of it, and a page that is its own next one
 * would be read for ever.
 */
export function pageAnswerOf<T extends { nextCursor: string | null }>(
  page: Called<T>,
  cursor: string | null,
): Answer<T> {
  if (page.ok && cursor !== null && page.value.nextCursor === cursor)
    return { ok: false, problem: "refused", code: ENDLESS.code };
  const answer = answerOf(page);
  if (answer.ok || answer.problem !== "refused" || cursor === null) return answer;
  return { ...answer, problem: "dead_cursor" };
}

export function problemOf(failure: Failure): Exclude<Answer<never>, { ok: true }> {
  switch (failure.kind) {
    case "slow_down":
      return { ok: false, problem: "slow_down", retryAfterMs: failure.retryAfterMs };
    case "access_lost":
      return { ok: false, problem: "access_lost", code: failure.code };
    case "forbidden":
      return { ok: false, problem: "access_lost", code: failure.kind };
    case "unknown":
      return { ok: false, problem: "unavailable", code: failure.code };
    case "rejected":
    case "duplicate":
      return { ok: false, problem: "refused", code: failure.code };
    case "absent":
      return { ok: false, problem: "refused", code: failure.kind };
  }
}

export interface Page<T> {
  items: T[];
  /** Where the next page starts; null at the end. */
  nextCursor: string | null;
}

/** Oldest first, so that what is made meanwhile comes at the end. */
export function pageQuery(cursor: string | null) {
  const order: "asc" = "asc";
  return { limit: PAGE_SIZE, order, ...(cursor === null ? {} : { after: cursor }) };
}

/** Reads a list to its end; `beforeEach` lets one call go. */
export async function everyPage<T>(
  read: (cursor: string | null) => Promise<Called<Page<T>>>,
  beforeEach: () => Promise<void> = async () => {},
): Promise<Called<T[]>> {
  const items: T[] = [];
  const seen = new Set<string>();
  for (let cursor: string | null = null; ; ) {
    await beforeEach();
    const page: Called<Page<T>> = await read(cursor);
    if (!page.ok) return page;
    items.push(...page.value.items);
    cursor = page.value.nextCursor;
    if (cursor === null) return { ok: true, value: items };
    if (seen.has(cursor)) return { ok: false, failure: ENDLESS };
    seen.add(cursor);
  }
}

/** The good rows of a page, and the ids of those that cannot be read: one of them makes no page unreadable. */
export function goodRows<Row, T>(
  rows: readonly Row[],
  parse: (row: Row) => T,
): { good: T[]; unreadable: string[] } {
  const good: T[] = [];
  const unreadable: string[] = [];
  for (const row of rows) {
    try {
      good.push(parse(row));
    } catch {
      unreadable.push(idOf(row));
    }
  }
  return { good, unreadable };
}

function idOf(row: unknown): string {
  const id = typeof row === "object" && row !== null && "id" in row ? row.id : undefined;
  return typeof id === "string" && id !== "" ? id : "unknown";
}
