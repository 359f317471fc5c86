import { byIntent, NOTHING } from "../../destinations/by-intent.ts";
import type { AdoptedAccount, Destination, MadeAccount } from "../../destinations/destination.ts";
import type { Sender } from "../../destinations/sending.ts";
import type { DestinationUser } from "../../domain/records.ts";
import type { Undo } from "../../domain/undo.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type Placed, placedAmong } from "../../ledger/placed.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import { beforeImages } from "../../ledger/undo.ts";

type UndoneUser = { intent: "remove"; record: MadeAccount } | { intent: "restore"; record: AdoptedAccount };

/** Accounts that were made are removed, and those that were adopted are as they were before. */
export function undoUsers(
  ledger: Ledger,
  destination: Destination,
  migrationId: number,
  { signedInSince }: Undo,
): Work<UndoneUser> {
  const { removals = NOTHING, restores = NOTHING } = destination.users;
  return {
    sender: byIntent({ remove: forgettingMails(removals), restore: restores }),
    async prepare(items) {
      const subs = items.map(({ key }) => key);
      const placed = await ledger.read((db) => placedAmong(db, migrationId, "user", subs));
      const images = await ledger.read((db) => beforeImages(db, migrationId, subs));
      return items.map((item) => prepared(item, placed.get(item.key), images.get(item.key), signedInSince));
    },
  };
}

function prepared(
  { key, intent }: ClaimedItem,
  placed: Placed | undefined,
  before: DestinationUser | undefined,
  signedInSince: Undo["signedInSince"],
): Prepared<UndoneUser> {
  if (placed === undefined || placed.state === "removed")
    return { outcome: { kind: "skipped", reason: "removed_at_destination" } };
  const { destinationId, fingerprint: written } = placed;
  if (intent === "remove") {
    const whyKept = async (account: DestinationUser) => (signedInSince === "keep" ? whyNot(account) : null);
    return { record: { intent, record: { destinationId, whyKept } }, fingerprint: "" };
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

function forgettingMails<Record>(removals: Sender<Record>): Sender<Record> {
  return {
    ...removals,
    async send(items, call) {
      const outcomes = await removals.send(items, call);
      return outcomes.map((outcome) =>
        outcome.kind === "removed" ? { ...outcome, forgetsMail: true } : outcome,
      );
    },
  };
}
