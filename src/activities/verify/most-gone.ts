import type { Blocked } from "../../domain/contract.ts";
import type { Cursor } from "../../ledger/cursors.ts";
import { countStanding, type Placed, placedAfter } from "../../ledger/placed.ts";
import { unheardAmong } from "../../ledger/verification.ts";
import { areMostMissed, goneIn, SAMPLE } from "../most-gone.ts";
import { findOrBelieve, isMissed, SLICE } from "./confirm-misses.ts";
import { moveListing, startAgain } from "./list-destination.ts";
import { missedUsers } from "./misses.ts";
import type { Verifying } from "./verifying.ts";

/** Counts in the walk through the list that it was judged, by its sample where many are missed. */
const SAMPLED = "sampled";

/**
 * Most people gone at once is rather a wrong place that was asked than a removal: a sample of those that the list did
 * not show is asked for, once, and if most of it is gone, the run parks before anybody is marked. Whoever resumes reads
 * the list anew: it may be that of another place by then.
 */
export async function mostGone(verifying: Verifying, listed: Cursor): Promise<Blocked | null> {
  const { ledger, run } = verifying;
  const { seen = 0, [SAMPLED]: sampled = 0 } = listed.counters;
  if (sampled > 0) return null;
  // Of all runs: a pilot of a few is verified together with everybody who came before.
  const of = await countStanding(ledger, run.migrationId, "user");
  const people = { of, missed: of - seen };
  if (!areMostMissed(people)) return isJudged(verifying, listed);
  const sample = await firstMissed(verifying);
  const misses = missedUsers(verifying);
  let gone = 0;
  for (const placed of sample) {
    const answer = await findOrBelieve(verifying, placed, (await misses.missOf(placed)).find);
    if (answer.status === "blocked") return answer;
    if (answer.status === "certain" && answer.found === null) gone += 1;
  }
  const parked = goneIn(sample.length, gone, people);
  if (parked === null) return isJudged(verifying, listed);
  await startAgain(verifying, {});
  return parked;
}

async function isJudged(verifying: Verifying, listed: Cursor): Promise<null> {
  await moveListing(verifying, { ...listed, counters: { ...listed.counters, [SAMPLED]: 1 } });
  return null;
}

/** What a removal of this run took away, of which nobody heard, tells nothing of the place. */
async function firstMissed({ ledger, run, pulse }: Verifying): Promise<Placed[]> {
  const sample: Placed[] = [];
  for (let after: string | undefined = ""; after !== undefined && sample.length < SAMPLE; ) {
    pulse.throwIfCancelled();
    const from: string = after;
    const slice = await ledger.read((db) => placedAfter(db, run.migrationId, "user", from, SLICE));
    const missed = slice.filter((placed) => isMissed(placed, run));
    const keys = missed.map(({ key }) => key);
    const unheard = await ledger.read((db) => unheardAmong(db, run, "user", keys));
    const own = new Set(unheard.map(({ key }) => key));
    sample.push(...missed.filter(({ key }) => !own.has(key)));
    after = slice.at(-1)?.key;
  }
  return sample.slice(0, SAMPLE);
}
