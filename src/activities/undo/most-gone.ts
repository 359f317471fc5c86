import type { Blocked } from "../../domain/contract.ts";
import { askDestination } from "../../engine/ask-destination.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { type Placed, placedAfter } from "../../ledger/placed.ts";
import { slicesAfter } from "../../ledger/slices.ts";
import { undoneForMs, wasShown } from "../../ledger/undo.ts";
import { areMostMissed, goneIn, SAMPLE } from "../most-gone.ts";
import { type Finding, findAgain } from "./find-unknown.ts";

const SLICE = 10_000;

/**
 * Most people gone before anything was removed: rather another place was asked, or an undo has removed them that a restored
 * ledger has forgotten. Counted as removed by somebody else, nobody of them would ever be brought again: so the run parks
 * before that. Whoever resumes reads the list anew.
 */
export async function mostGone(finding: Finding): Promise<Blocked | null> {
  const { destination } = finding;
  const { users } = destination;
  if (users.list === undefined) return null;
  const { sample, ...people } = await missedByList(finding);
  if (!areMostMissed(people)) return null;
  let gone = 0;
  for (const key of sample) {
    const answer = await askDestination(finding, () => users.find(key));
    if (answer.status === "blocked") return answer;
    if (answer.status === "answered" && answer.value === null) gone += 1;
  }
  const parked = goneIn(sample.length, gone, people);
  if (parked !== null) await findAgain(finding);
  return parked;
}

/** Lists lag: of what was made right before the undo, some may be there all the same. */
async function missedByList({ ledger, run, destination, pulse }: Finding) {
  const nowMs = await ledger.read(ledgerNowMs);
  const begunAtMs = nowMs - (await ledger.read((db) => undoneForMs(db, run.migrationId)));
  const shownIfMadeMs = begunAtMs - destination.facts.lookUpLagMs;
  const isMissed = (placed: Placed) =>
    !wasShown(placed, run.generation) && (placed.writtenAtMs ?? placed.firstClaimedAtMs) < shownIfMadeMs;
  const slices = slicesAfter(
    "",
    ({ key }: Placed) => key,
    (after) => ledger.read((db) => placedAfter(db, run.migrationId, "user", after, SLICE)),
  );
  const sample: string[] = [];
  let of = 0;
  let missed = 0;
  for await (const slice of slices) {
    pulse.throwIfCancelled();
    const here = slice.filter(({ state }) => state === "standing");
    const absent = here.filter(isMissed).map(({ key }) => key);
    of += here.length;
    missed += absent.length;
    sample.push(...absent.slice(0, SAMPLE - sample.length));
  }
  return { of, missed, sample };
}
