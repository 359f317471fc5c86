import type { Blocked, Opened, OpenRedriveInput, Refused } from "../../domain/contract.ts";
import { parseRedrive } from "../../domain/redrive-input.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { beginRedrive, hasEnded } from "../../ledger/redrive.ts";
import { isPurged, type MigrationRow, ownAsItStands, runOf } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";
import { openKnown } from "../open-known.ts";

/** Takes the migration in the ledger, with the queue that its newest run has ended. */
export async function openRedrive(
  deps: Deps,
  { redrive: input, firstRunId }: OpenRedriveInput,
): Promise<Opened | Refused | Blocked> {
  const parsed = parseRedrive(input);
  if (!parsed.ok) return { status: "refused", sentence: parsed.sentence };
  return openKnown(deps, {
    mode: "redrive",
    ...parsed.value,
    firstRunId,
    refused: (current) => whyNot(deps.ledger, current),
    async own(tx, owner, current) {
      const owned = await ownAsItStands(tx, "redrive", owner, current);
      // Tried again, it goes on.
      const isNew = current.owner?.firstRunId !== firstRunId;
      if (owned !== undefined && isNew) await beginRedrive(tx, runOf(owned), firstRunId);
      return owned;
    },
  });
}

async function whyNot(ledger: Ledger, current: MigrationRow): Promise<Refused | null> {
  const { undo, file, inForce } = current;
  if (undo !== null) return refused("the newest run is an undo, which is started again as an undo");
  if (file.dryRun) return refused(inForce === null ? ONLY_DRY : DRY_SINCE);
  if (isPurged(current)) return refused("personal data was purged since, by which records are made");
  if (await ledger.read((db) => hasEnded(db, current))) return null;
  return refused(
    "the newest run did not come to its end, and goes on with what failed when it is started again",
  );
}

const ONLY_DRY = "the newest run was a dry one, which left nothing undone";
/** A redrive goes by the queue of the run before, which every run takes the place of. */
const DRY_SINCE =
  "the newest run was a dry one, and its plan has taken the place of the last migration's; whatever had failed stands as it was";

function refused(why: string): Refused {
  return {
    status: "refused",
    sentence: `Nothing can be tried again by itself: ${why}. Start the migration instead.`,
  };
}
