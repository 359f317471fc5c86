import type { DestinationUser } from "../../domain/records.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { noteMadeAnew, type Placed } from "../../ledger/placed.ts";

/** Memberships and mails go to the account that has our key now: one that was deleted and made again has another id. */
export async function followAccount(
  tx: Tx,
  migrationId: number,
  sub: string,
  placed: Pick<Placed, "destinationId"> | undefined,
  found: DestinationUser | undefined,
): Promise<void> {
  if (found === undefined || found.id === placed?.destinationId) return;
  await noteMadeAnew(tx, migrationId, { kind: "user", key: sub }, found.id);
}
