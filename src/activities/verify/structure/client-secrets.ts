import type { ApplicationSecret, Applications } from "../../../destinations/credentials.ts";
import type { Answer } from "../../../destinations/destination.ts";
import type { Blocked } from "../../../domain/contract.ts";
import { cursorId, step } from "../../../engine/steps.ts";
import { Tally } from "../../../engine/tally.ts";
import type { ApplicationDetails } from "../../../ledger/applications.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../../ledger/cursors.ts";
import { noteDifferences } from "../../../ledger/differences.ts";
import { type Placed, placedAfter } from "../../../ledger/placed.ts";
import { findOrBelieve } from "../confirm-misses.ts";
import { Told } from "../told.ts";
import type { Verifying } from "../verifying.ts";
import { DIFFERS } from "./counters.ts";

/** Of which each may be a call. */
const SLICE = 500;

export const SECRETS_WALK = "verify:application:secrets";

/** Whether the secrets that are in the store still open their applications: asked for one application after the other. */
export async function verifySecrets(verifying: Verifying, until: number): Promise<Cursor | Blocked> {
  const { ledger, pulse, run } = verifying;
  const id = cursorId(run, SECRETS_WALK);
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && performance.now() < until) {
    pulse.throwIfCancelled();
    const after = cursor.position ?? "";
    const slice = await ledger.read((db) => placedAfter(db, run.migrationId, "application", after, SLICE));
    for (const placed of slice) {
      if (performance.now() >= until) return cursor;
      const next = await verifySecret(verifying, id, cursor, placed);
      if ("status" in next) return next;
      cursor = next;
    }
    if (slice.length === 0) cursor = await move(verifying, id, { ...cursor, done: true });
  }
  return cursor;
}

/** Of one that this run has seen; what is gone is told as a whole. */
async function verifySecret(
  verifying: Verifying,
  id: CursorId,
  { counters }: Cursor,
  placed: Placed,
): Promise<Cursor | Blocked> {
  const { key, destinationId, details, seenGeneration } = placed;
  const told = new Told(new Tally(counters));
  // Written with ApplicationDetails only.
  const secretId = details === null ? null : (JSON.parse(details) as ApplicationDetails).secretId;
  const isSeen = seenGeneration === verifying.run.generation;
  if (secretId !== null && destinationId !== null && isSeen) {
    const { applications } = verifying.destination;
    const find = () => findSecret(applications, destinationId, secretId);
    const answer = await findOrBelieve(verifying, placed, find);
    if (answer.status === "blocked") return answer;
    if (answer.status === "certain" && answer.found === null) {
      told.count(DIFFERS, key);
      told.row("application", key, "missing", "client_secret");
    }
  }
  return move(verifying, id, { position: key, done: false, counters: told.tally.all() }, told);
}

async function findSecret(
  { listSecrets }: Applications,
  applicationId: string,
  secretId: string,
): Promise<Answer<ApplicationSecret | null>> {
  const listed = await listSecrets(applicationId);
  return listed.ok ? { ok: true, value: listed.value.find(({ id }) => id === secretId) ?? null } : listed;
}

function move(verifying: Verifying, id: CursorId, to: Cursor, told?: Told): Promise<Cursor> {
  return step(verifying, async (tx) => {
    await noteDifferences(tx, verifying.run, told?.rows ?? []);
    await moveCursor(tx, id, verifying.pulse.fence, to);
    return to;
  });
}
