import { z } from "zod";
import { knownMigration, parseKnown, wrongInput } from "./known-input.ts";
import type { Parsed } from "./migration.ts";

/** What an undo is asked for. */

const undo = knownMigration.extend({
  /** The pool's id once more: nobody undoes another migration than the one meant. */
  confirm: z.string(),
  /** Accounts that somebody signed in to since they were made. */
  signedInSince: z.enum(["keep", "remove"]).default("keep"),
  /** First run id of the newest run when somebody saw what would be undone: where another one began since, nothing is. */
  seenRunId: z.string().nullable().exactOptional(),
});

export type UndoInput = z.input<typeof undo>;
export type Undo = z.output<typeof undo>;

/** Parses the input of an undo; the sentence names the first wrong place. */
export function parseUndo(input: unknown): Parsed<Undo> {
  const parsed = parseKnown(undo, WHAT, input);
  if (!parsed.ok) return parsed;
  const { userPoolId, confirm } = parsed.value;
  if (confirm === userPoolId) return parsed;
  return wrongInput(WHAT, `"confirm" must be the pool's id, "${userPoolId}": an undo removes accounts.`);
}

const WHAT = "the undo";

/** What `parseUndo` gave, kept since. */
export function keptUndo(text: string): Undo {
  return undo.parse(JSON.parse(text));
}
