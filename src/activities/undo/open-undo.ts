import type { Blocked, Opened, OpenUndoInput, Refused } from "../../domain/contract.ts";
import { shellLine, spillwayWords } from "../../domain/shell-line.ts";
import { parseUndo, type Undo } from "../../domain/undo.ts";
import { type MigrationRow, ownForUndo } from "../../ledger/runs.ts";
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
    refused: async (current) => notSeen(undo, current, firstRunId),
    own: (tx, owner, current) => ownForUndo(tx, undo, owner, current),
  });
}

/** Whoever asked saw what an earlier run had made: a later one made more, or made other things of it. */
function notSeen(
  { userPoolId, seenRunId }: Undo,
  { newestRunId }: MigrationRow,
  firstRunId: string,
): Refused | null {
  if (seenRunId === undefined || newestRunId === firstRunId || newestRunId === seenRunId) return null;
  const command = shellLine(spillwayWords("undo", [], [userPoolId]));
  return {
    status: "refused",
    sentence: `A run of this migration began after you saw what would be undone, so nothing was undone. Look again: \`${command}\``,
  };
}
