import { z } from "zod";
import { place } from "./migration/place.ts";
import type { Parsed } from "./migration.ts";
import { plainIssue, wordsOf } from "./plain-issue.ts";

/** What a verification by itself is asked for. */

const verification = z.strictObject({
  /** The pool whose migration is verified. */
  userPoolId: z.string().min(1),
  destination: place,
});

export type VerifyInput = z.output<typeof verification>;

/** Parses the input of a verification; the sentence names the first wrong place. */
export function parseVerify(input: unknown): Parsed<VerifyInput> {
  const parsed = verification.safeParse(input, { error: plainIssue });
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    sentence: `The input of the verification is wrong: ${wordsOf(parsed.error.issues[0])}`,
  };
}
