import { z } from "zod";
import { place } from "./migration/place.ts";
import type { Parsed } from "./migration.ts";
import { plainIssue, wordsOf } from "./plain-issue.ts";

/** What an undo is asked for. */

const undo = z.strictObject({
  /** The pool whose migration is undone. */
  userPoolId: z.string().min(1),
  destination: place,
  /** The pool's id once more: nobody undoes another migration than the one meant. */
  confirm: z.string(),
  /** Accounts that somebody signed in to since they were made. */
  signedInSince: z.enum(["keep", "remove"]).default("keep"),
});

export type UndoInput = z.input<typeof undo>;
export type Undo = z.output<typeof undo>;

/** Parses the input of an undo; the sentence names the first wrong place. */
export function parseUndo(input: unknown): Parsed<Undo> {
  const parsed = undo.safeParse(input, { error: plainIssue });
  if (!parsed.success) return wrong(wordsOf(parsed.error.issues[0]));
  const { userPoolId, confirm } = parsed.data;
  if (confirm !== userPoolId)
    return wrong(`"confirm" must be the pool's id, "${userPoolId}": an undo removes accounts.`);
  return { ok: true, value: parsed.data };
}

/** What `parseUndo` gave, kept since. */
export function keptUndo(text: string): Undo {
  return undo.parse(JSON.parse(text));
}

function wrong(what: string): Parsed<never> {
  return { ok: false, sentence: `The input of the undo is wrong: ${what}` };
}
