import { z } from "zod";
import { place } from "./migration/place.ts";
import type { Parsed } from "./migration.ts";
import { plainIssue, wordsOf } from "./plain-issue.ts";

/** What a redrive is asked for. */

const redrive = z.strictObject({
  /** The pool whose migration has failures. */
  userPoolId: z.string().min(1),
  destination: place,
});

export type RedriveInput = z.output<typeof redrive>;

/** Parses the input of a redrive; the sentence names the first wrong place. */
export function parseRedrive(input: unknown): Parsed<RedriveInput> {
  const parsed = redrive.safeParse(input, { error: plainIssue });
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, sentence: `The input of the redrive is wrong: ${wordsOf(parsed.error.issues[0])}` };
}
