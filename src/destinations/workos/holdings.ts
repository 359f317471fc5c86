import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { FoundPage, Holdings } from "../destination.ts";
import { called, foundAnswerOf, goodRows, nullIfAbsent, pageAnswerOf, pageQuery } from "./calls.ts";

/** What WorkOS shows of a kind. Past the SDK's own methods, which read a whole page before anybody can judge a row. */

const answeredPage = z.object({
  data: z.array(z.unknown()),
  list_metadata: z.object({ after: z.string().nullish() }).optional(),
});

/** `toFound` throws when a row lacks what is compared. */
export function listOf<Found>(
  client: WorkOS,
  path: string,
  toFound: (row: unknown) => Found,
  queryOf: (cursor: string | null) => Record<string, string | number> = pageQuery,
): NonNullable<Holdings<Found>["list"]> {
  return async (cursor) => {
    const page = await called(async (): Promise<FoundPage<Found>> => {
      const { data } = await client.get<unknown>(path, { query: queryOf(cursor) });
      const { data: rows, list_metadata } = answeredPage.parse(data);
      const { good, unreadable } = goodRows(rows, toFound);
      return { found: good, unreadable, nextCursor: list_metadata?.after ?? null };
    });
    return pageAnswerOf(page, cursor);
  };
}

export function findIn<Found>(
  client: WorkOS,
  path: string,
  toFound: (row: unknown) => Found,
): Holdings<Found>["find"] {
  return async (id) => {
    const found = await called(async () =>
      toFound((await client.get<unknown>(`${path}/${encodeURIComponent(id)}`)).data),
    );
    return foundAnswerOf(nullIfAbsent(found));
  };
}
