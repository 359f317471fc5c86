import type { Answer, Users } from "../../destinations/destination.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { DestinationUser } from "../../domain/records.ts";
import { askDestination } from "../../engine/ask-destination.ts";
import type { Operation } from "../../engine/heartbeat.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { noteMadeAnew, type Placed, standingIds } from "../../ledger/placed.ts";
import type { Verifying } from "./verifying.ts";

/**
 * Memberships and mails go to the account that has our key now: one that was deleted and made again has another id. Only
 * of one that is not there any more (`keysGivenAway`): else its memberships, which stand, would be taken for removed.
 */
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

/** Whose key another account has by now, while the one that stands by the ledger is still there: a call for each. */
export async function keysGivenAway(
  verifying: Verifying,
  found: readonly DestinationUser[],
): Promise<ReadonlySet<string> | Blocked> {
  const { ledger, destination, run } = verifying;
  const subs = found.flatMap(({ externalId }) => externalId ?? []);
  const standing = await ledger.read((db) => standingIds(db, run.migrationId, "user", subs));
  const givenAway = new Set<string>();
  for (const { id, externalId } of found) {
    const standingId = standing.get(externalId ?? "");
    if (externalId === null || standingId === undefined || standingId === id) continue;
    const answer = await askDestination(verifying, () => standsStill(destination.users, standingId));
    if (answer.status === "blocked") return answer;
    // What cannot be read is there.
    if (answer.status !== "answered" || answer.value) givenAway.add(externalId);
  }
  return givenAway;
}

async function standsStill({ findById }: Users, id: string): Promise<Answer<boolean>> {
  if (findById === undefined) return { ok: true, value: false };
  const found = await findById(id);
  return found.ok ? { ok: true, value: found.value !== null } : found;
}

/** The account that stands, as long as it is there: its key may have been cleared, or given to another one by now. */
export async function findAccount(
  { destination: { users, facts, callTimeoutMs }, slots }: Pick<Verifying, "destination" | "slots">,
  { key, destinationId }: Placed,
  operation: Operation,
): Promise<Answer<DestinationUser | null>> {
  const found = await users.find(key);
  if (!found.ok || found.value?.id === destinationId) return found;
  if (destinationId === null || users.findById === undefined) return found;
  // Waiting is no hanging.
  operation.pause();
  await slots.next(facts.slots.read);
  operation.restart(callTimeoutMs);
  const standing = await users.findById(destinationId);
  return standing.ok && standing.value === null ? found : standing;
}
