import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { lastOrdinal, planItems, replanWorkItems } from "../../ledger/plan.ts";
import {
  type CreatedPosition,
  type ImportedUser,
  importedByAge,
  indexAges,
  resetItemsAmong,
} from "../../ledger/resets.ts";
import type { Migration } from "../../migration.ts";
import { noResetReason } from "../../plan/reset-policy.ts";
import type { RunRef } from "../../workflows/contract.ts";
import type { Deps } from "../deps.ts";
import type { Pulse } from "../pulse.ts";
import { cursorId, step } from "../steps.ts";
import { Tally } from "../tally.ts";

const SLICE_USERS = 500;
const INDEX_TIMEOUT_MS = 10 * 60_000;

/** Counters of people who get no mail: `no_reset:<reason>`. */
export const NO_RESET_PREFIX = "no_reset:";

/** The last ordinal of those whom the file names to be first. */
export const CANARY_TO = "canaryTo";

/** How many an earlier run numbered: then the first numbers are not this run's canary. */
const EARLIER = "earlier";

/** Where the walk stands: people named for the canary first, then a pass for each value that comes first. */
interface Position {
  pass: number;
  after: CreatedPosition | null;
}

/** Numbers everyone who is mailed, in the order in which they are. The cursor's counters tell why others are not. */
export async function planResets(deps: Deps, run: RunRef, file: Migration, pulse: Pulse): Promise<Cursor> {
  const { ledger } = deps;
  const id = cursorId(run, "resets");
  let cursor = await takeCursor(ledger, id, pulse.fence);
  if (cursor.done) return cursor;
  await pulse.during(INDEX_TIMEOUT_MS, () => ledger.writeSoon(indexAges));
  while (!cursor.done) {
    pulse.throwIfCancelled();
    const from: Cursor = cursor;
    cursor = await step({ ledger, pulse }, (tx) => planSlice(tx, run, file, pulse, id, from));
  }
  return cursor;
}

async function planSlice(
  tx: Tx,
  run: RunRef,
  file: Migration,
  pulse: Pulse,
  id: CursorId,
  cursor: Cursor,
): Promise<Cursor> {
  const policy = file.passwordResets;
  const passes = passesOf(policy);
  // Written by this function only.
  const { pass, after }: Position =
    cursor.position === null ? { pass: 0, after: null } : (JSON.parse(cursor.position) as Position);
  const tally = new Tally(cursor.counters);
  if (cursor.position === null) tally.add(EARLIER, await lastOrdinal(tx, run.migrationId, "resets"));
  const order = policy.order === "oldestFirst" ? "asc" : "desc";
  const { users, last } = await importedByAge(tx, run, order, after, SLICE_USERS);
  const belongs = passes[pass];
  const isLastPass = pass === passes.length - 1;
  const chosen: string[] = [];
  const left: string[] = [];
  for (const user of users) {
    const reason = noResetReason(user, policy);
    if (isLastPass && user.isPlanned)
      tally.add(reason === null ? "mailed" : `${NO_RESET_PREFIX}${reason}`, 1);
    if (reason !== null || !user.isPlanned) left.push(user.sub);
    else if (belongs?.(user)) chosen.push(user.sub);
  }
  await number(tx, run.migrationId, chosen, left);
  const next: Position = last === null ? { pass: pass + 1, after: null } : { pass, after: last };
  const isNamedPassOver = typeof policy.canary !== "number" && next.pass === 1 && pass === 0;
  if (isNamedPassOver && tally.get(EARLIER) === 0)
    tally.add(CANARY_TO, await lastOrdinal(tx, run.migrationId, "resets"));
  const moved = { position: JSON.stringify(next), done: next.pass >= passes.length, counters: tally.all() };
  await moveCursor(tx, id, pulse.fence, moved);
  return moved;
}

/** Who was numbered by an earlier run keeps the number, and is judged anew; a mail that may be out is left to settle. */
async function number(
  tx: Tx,
  migrationId: number,
  chosen: readonly string[],
  left: readonly string[],
): Promise<void> {
  const known = await resetItemsAmong(tx, migrationId, [...chosen, ...left]);
  await planItems(tx, migrationId, "resets", {
    fresh: chosen.filter((sub) => !known.has(sub)),
    known: chosen.filter((sub) => known.has(sub)),
  });
  const withdrawn = left.filter((sub) => known.get(sub)?.isUntouched);
  await replanWorkItems(tx, migrationId, "resets", withdrawn, "skipped");
}

/** Who comes in which pass; the last one takes everybody who is left. */
function passesOf({ canary, order }: Migration["passwordResets"]): ((user: ImportedUser) => boolean)[] {
  const named = typeof canary === "number" ? [] : [(user: ImportedUser) => canary.includes(user.sub)];
  const everybody = () => true;
  if (typeof order === "string") return [...named, everybody];
  const { attribute, first } = order;
  const byValue = first.map((value) => (user: ImportedUser) => attributeOf(user, attribute) === value);
  return [...named, ...byValue, everybody];
}

function attributeOf({ attributes }: ImportedUser, name: string): string | undefined {
  // Written by upsertSourceUsers only.
  const all = JSON.parse(attributes) as Record<string, string>;
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
