import type { Blocked, Opened, OpenUndoInput, Refused } from "../../domain/contract.ts";
import { parseUndo } from "../../domain/undo.ts";
import { ownForUndo } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";
import { openKnown } from "../open-known.ts";

/** Takes the migration in the ledger for an undo of it. */
export async function openUndo(
  deps: Deps,
  { undo: input, firstRunId }: OpenUndoInput,
): Promise<Opened | Refused | Blocked> {
  const parsed = parseUndo(input);
  if (!parsed.ok) return { status: "refused", sentence: parsed.sentence };
  const undo = parsed.value;
  return openKnown(deps, {
    mode: "undo",
    ...undo,
    firstRunId,
    own: (tx, owner, current) => ownForUndo(tx, undo, owner, current),
  });
}
