import { z } from "zod";
import { place } from "./migration/place.ts";
import { userPoolId } from "./migration/source.ts";
import type { Parsed } from "./migration.ts";
import { plainIssue, wordsOf } from "./plain-issue.ts";

/** What runs are asked for that are about a migration which the ledger knows. */

/** Which migration it is. */
export const knownMigration = z.strictObject({
  userPoolId,
  destination: place,
});

/** Parses the input of such a run; the sentence names the first wrong place. `what` is in it: "the undo". */
export function parseKnown<T extends z.ZodType>(
  schema: T,
  what: string,
  input: unknown,
): Parsed<z.output<T>> {
  const parsed = schema.safeParse(input, { error: plainIssue });
  if (parsed.success) return { ok: true, value: parsed.data };
  return wrongInput(what, wordsOf(parsed.error.issues[0]));
}

export function wrongInput(what: string, words: string): Parsed<never> {
  return { ok: false, sentence: `The input of ${what} is wrong: ${words}` };
}
