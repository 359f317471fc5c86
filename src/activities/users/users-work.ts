import type { Destination, UserItem } from "../../destinations/destination.ts";
import type { Migration } from "../../domain/migration.ts";
import type { Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { keepBeforeImage } from "../../ledger/placed.ts";
import { recordFingerprint } from "../../plan/record.ts";
import { sendableRecord } from "../../plan/sendable-record.ts";

/** The imports: a person each. */
export function usersWork(
  ledger: Ledger,
  destination: Destination,
  migrationId: number,
  file: Migration,
): Work<UserItem> {
  const { onExisting } = file.users;
  return {
    sender: destination.users,
    async prepare(items) {
      return items.map(({ key: sub, data }) => {
        if (data === null) throw new Error("A work item of users has no source user.");
        const { record: user } = sendableRecord(destination, file, sub, data);
        const record: UserItem = {
          user,
          onExisting,
          beforeAdopt: (image) => ledger.write((tx) => keepBeforeImage(tx, migrationId, sub, image)),
        };
        return { record, fingerprint: recordFingerprint(user) };
      });
    },
  };
}
