import { byIntent, NOTHING } from "../../destinations/by-intent.ts";
import type { AdoptedAccount, Destination, MadeAccount } from "../../destinations/destination.ts";
import type { Outcome, Sender } from "../../destinations/sending.ts";
import type { DestinationUser } from "../../domain/records.ts";
import type { Undo } from "../../domain/undo.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type Placed, placedAmong } from "../../ledger/placed.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { beforeImages, wasShown } from "../../ledger/undo.ts";

/** `wasThere`: when this undo began. */
type RemovedAccount = MadeAccount & { wasThere: boolean };
type UndoneUser =
  | { intent: "remove"; record: RemovedAccount }
  | { intent: "restore"; record: AdoptedAccount };

/** Accounts that were made are removed, and those that were adopted are as they were before. */
export function undoUsers(
  ledger: Ledger,
  destination: Destination,
  run: RunOfMigration,
  { signedInSince }: Undo,
): Work<UndoneUser> {
  const { migrationId } = run;
  const { removals = NOTHING, restores = NOTHING } = destination.users;
  return {
    sender: byIntent({ remove: takingBack(removals), restore: restores }),
    async prepare(items) {
      const subs = items.map(({ key }) => key);
      const placed = await ledger.read((db) => placedAmong(db, migrationId, "user", subs));
      const images = await ledger.read((db) => beforeImages(db, migrationId, subs));
      return items.map((item) => {
        const stands = placed.get(item.key);
        const wasThere = stands !== undefined && wasShown(stands, run.generation);
        return prepared(item, stands, images.get(item.key), { signedInSince, wasThere });
      });
    },
  };
}

function prepared(
  { key, intent }: ClaimedItem,
  placed: Placed | undefined,
  before: DestinationUser | undefined,
  { signedInSince, wasThere }: Pick<Undo, "signedInSince"> & Pick<RemovedAccount, "wasThere">,
): Prepared<UndoneUser> {
  if (placed === undefined || placed.state === "removed")
    return { outcome: { kind: "skipped", reason: "removed_at_destination" } };
  const { destinationId, fingerprint: written } = placed;
  if (intent === "remove") {
    const whyKept = async (account: DestinationUser) => (signedInSince === "keep" ? whyNot(account) : null);
    return { record: { intent, record: { destinationId, whyKept, wasThere } }, fingerprint: "" };
  }
  if (before === undefined) throw new Error(`Nobody kept how the account of ${key} looked.`);
  const record = { destinationId: destinationId ?? before.id, before, written };
  return { record: { intent: "restore", record }, fingerprint: "" };
}

/** An account that was made here was never signed in to before. */
function whyNot({ lastSignInAtMs }: DestinationUser): string | null {
  if (lastSignInAtMs === undefined) return "sign_ins_unknown";
  return lastSignInAtMs === null ? null : "signed_in_since";
}

/** An account that is gone, and was there when this undo began, counts as removed by it: no mail of theirs counts any more. */
function takingBack(removals: Sender<MadeAccount>): Sender<RemovedAccount> {
  return {
    ...removals,
    async send(items, call) {
      const outcomes = await removals.send(items, call);
      return outcomes.map((outcome, index): Outcome => {
        const isTakenBack =
          outcome.kind === "removed" || (isGone(outcome) && items[index]?.record.wasThere === true);
        return isTakenBack ? { kind: "removed", forgetsMail: true } : outcome;
      });
    },
  };
}

function isGone(outcome: Outcome): boolean {
  return outcome.kind === "skipped" && outcome.reason === "removed_at_destination";
}
