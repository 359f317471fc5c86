import type { MembershipPage } from "../../destinations/structure.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { membershipKey } from "../../ledger/memberships.ts";
import { markSeen, nextOrganization, writtenMemberships } from "../../ledger/verification.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { cursorId, step } from "../steps.ts";
import { organizationKey } from "../structure/structure-work.ts";
import { Tally } from "../tally.ts";
import { countMember } from "./compare-memberships.ts";
import { ask, MAX_OUTAGES_PER_CURSOR, type Verifying } from "./verifying.ts";

export const MEMBERSHIPS_WALK = "verify:memberships";

/** Where the walk stands: behind an organization, in order of phases and keys of their entities. */
interface Place {
  /** Organizations of providers stand since `credentials`, all others since `structure`. */
  phase: "credentials" | "structure";
  after: string;
  /** The destination's cursor into the list of the next organization; null at its start. */
  page: string | null;
}

const START: Place = { phase: "credentials", after: "", page: null };

/** Lists the memberships of each organization from where the cursor stands, and marks those found. */
export async function listMemberships(verifying: Verifying, until: number): Promise<Cursor | Blocked> {
  const { ledger, pulse, run } = verifying;
  const id = cursorId(run, MEMBERSHIPS_WALK);
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && Date.now() < until) {
    pulse.throwIfCancelled();
    const next = await listOnePage(verifying, id, cursor);
    if ("status" in next) return next;
    cursor = next;
  }
  return cursor;
}

async function listOnePage(verifying: Verifying, id: CursorId, from: Cursor): Promise<Cursor | Blocked> {
  const { ledger, destination, run } = verifying;
  // Written by `store` only.
  const place = from.position === null ? START : (JSON.parse(from.position) as Place);
  const { phase, after, page } = place;
  const organization = await ledger.read((db) => nextOrganization(db, run.migrationId, phase, after));
  if (organization === null && phase === "structure")
    return store(verifying, id, place, { ...from, done: true });
  if (organization === null) return store(verifying, id, { ...START, phase: "structure" }, from);
  const { key, destinationId } = organization;
  const behind: Place = { phase, after: key, page: null };
  if (destinationId === null) return store(verifying, id, behind, from);

  const list = () => destination.structure.listMemberships(destinationId, page);
  const listed = await ask(verifying, list, MAX_OUTAGES_PER_CURSOR);
  if (listed.status === "blocked") return listed;
  if (listed.status === "outage") return store(verifying, id, { ...place, page: null }, from);
  const { nextCursor } = listed.value;
  const next = nextCursor === null ? behind : { ...place, page: nextCursor };
  return store(verifying, id, next, from, (tx, tally) => mark(verifying, tx, key, listed.value, tally));
}

/** Moves the walk, in the transaction of what the page yielded. */
function store(
  verifying: Verifying,
  id: CursorId,
  to: Place,
  from: Cursor,
  yielded: (tx: Tx, tally: Tally) => Promise<void> = async () => {},
): Promise<Cursor> {
  return step(verifying, async (tx) => {
    const tally = new Tally(from.counters);
    await yielded(tx, tally);
    const next = { position: JSON.stringify(to), done: from.done, counters: tally.all() };
    await moveCursor(tx, id, verifying.pulse.fence, next);
    return next;
  });
}

/** Those that are marked already were counted then: a list that starts again, or an organization of both phases. */
async function mark(
  { run }: Verifying,
  tx: Tx,
  entityKey: string,
  { members }: MembershipPage,
  tally: Tally,
): Promise<void> {
  const organization = entityKey.slice(organizationKey("").length);
  const found = new Map(
    members.flatMap((member) =>
      member.userExternalId === null
        ? []
        : [[membershipKey({ sub: member.userExternalId, organization }), member]],
    ),
  );
  const written = await writtenMemberships(tx, run.migrationId, run.generation, [...found.keys()]);
  const unseen = written.filter(({ isSeen }) => !isSeen);
  for (const item of unseen) {
    const member = found.get(item.key);
    if (member !== undefined) countMember(item, member, tally);
  }
  const ordinals = unseen.map(({ ordinal }) => ordinal);
  await markSeen(tx, run, "memberships", ordinals);
}
