import type { Destination, DestinationUser, UserRecord } from "../../destinations/destination.ts";
import { adoptedAmong, keepBeforeImage } from "../../ledger/before-images.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Migration } from "../../migration.ts";
import { recordHash } from "../../plan/record.ts";
import type { Outcome, Work } from "../batch/work.ts";
import { sendableRecord } from "../record.ts";

/** One import is at most a look-up, a create, two more look-ups and an adoption. */
const MAX_CALLS = 5;

/** The imports: a person each. */
export function usersWork(
  ledger: Ledger,
  destination: Destination,
  migrationId: number,
  file: Migration,
): Work<UserRecord> {
  /** An adoption whose answer was lost shows as an account that carries our key. */
  const recognise = async (sub: string, outcome: Outcome): Promise<Outcome> => {
    if (outcome.kind !== "already_there" && outcome.kind !== "created") return outcome;
    const adopted = await ledger.read((db) => adoptedAmong(db, migrationId, [sub]));
    return adopted.has(sub) ? { ...outcome, kind: "adopted" } : outcome;
  };

  return {
    concurrency: destination.concurrency,
    maxCallsPerItem: MAX_CALLS,
    async prepare(items) {
      return items.map(({ sub, attributes }) => {
        const { record } = sendableRecord(destination, file, sub, attributes);
        return { payload: record, recordHash: recordHash(record) };
      });
    },
    async send({ sub, payload }, { firstClaimedAtMs, inDoubt, waitForSlot, signal }) {
      const request = {
        record: payload,
        firstClaimedAtMs,
        inDoubt,
        onExisting: file.users.onExisting,
        beforeAdopt: (image: DestinationUser) =>
          ledger.write((tx) => keepBeforeImage(tx, migrationId, sub, image)),
      };
      const outcome = await destination.importUser(request, waitForSlot, signal);
      return inDoubt ? recognise(sub, outcome) : outcome;
    },
  };
}
