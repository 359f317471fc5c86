import type { Answer, Users } from "../../destinations/destination.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { DestinationUser } from "../../domain/records.ts";
import { askDestination } from "../../engine/ask-destination.ts";
import type { Operation } from "../../engine/heartbeat.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { noteMadeAnew, type Placed } from "../../ledger/placed.ts";
import type { WrittenUser } from "../../ledger/verification.ts";
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

/** A key that another account has than the one that stands by the ledger. */
export interface MovedKey {
  sub: string;
  standingId: string;
}

export function movedKeys(
  written: readonly Pick<WrittenUser, "sub" | "placed">[],
  found: ReadonlyMap<string, DestinationUser>,
): MovedKey[] {
  return written.flatMap(({ sub, placed }) => {
    if (placed?.state !== "standing" || placed.destinationId === null) return [];
    return placed.destinationId === found.get(sub)?.id ? [] : [{ sub, standingId: placed.destinationId }];
  });
}

/** Those of them whose account that stands is still there: a call for each. */
export async function keysGivenAway(
  verifying: Verifying,
  moved: readonly MovedKey[],
): Promise<ReadonlySet<string> | Blocked> {
  const { users } = verifying.destination;
  const givenAway = new Set<string>();
  for (const { sub, standingId } of moved) {
    const answer = await askDestination(verifying, () => standsStill(users, standingId));
    if (answer.status === "blocked") return answer;
    // What cannot be read is there.
    if (answer.status !== "answered" || answer.value) givenAway.add(sub);
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
