import type { Blocked, RunRef } from "../../domain/contract.ts";
import { MAX_CANARY } from "../../domain/migration/password-resets.ts";
import type { Migration } from "../../domain/migration.ts";
import { ownValue } from "../../domain/own-value.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { type CreatedPosition, type ImportedUser, importedByAge, indexAges } from "../../ledger/campaign.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { type CampaignMail, campaignMails, mailedBefore } from "../../ledger/mails.ts";
import { addItems, type NewItem } from "../../ledger/queue.ts";
import { dueOrdinals, lastOrdinal, queuedAmong } from "../../ledger/queue-questions.ts";
import { CANARY_SINCE, CANARY_TO, MAILED_BEFORE } from "../../plan/counters.ts";
import { type NoResetReason, noResetReason } from "../../plan/reset-policy.ts";
import type { Deps } from "../deps.ts";
import { copyRecord } from "./copy-record.ts";

const SLICE_USERS = 500;
const INDEX_TIMEOUT_MS = 10 * 60_000;

/** Counters of people who get no mail: `no_reset:<reason>`. */
export const NO_RESET_PREFIX = "no_reset:";

/** Whether earlier runs have mailed: then the first ones of this run are not the first ones of the campaign. */
export const EARLIER = "earlier";

/** Where the walk stands: people named for the canary first, then a pass for each value that comes first. */
interface Position {
  pass: number;
  after: CreatedPosition | null;
}

const START: Position = { pass: 0, after: null };

/**
 * Numbers everyone who is mailed, in the order in which they are. The cursor's counters tell why others are not. Before
 * that the destination's record is read: whoever was mailed, and is unknown here, is not even among the first ones.
 */
export async function planResets(
  deps: Deps,
  run: RunRef,
  file: Migration,
  pulse: Pulse,
): Promise<Cursor | Blocked> {
  const { ledger } = deps;
  const id = cursorId(run, "resets");
  let cursor = await takeCursor(ledger, id, pulse.fence);
  if (cursor.done) return cursor;
  if (cursor.position === null)
    cursor = await step({ ledger, pulse }, (tx) => begin(tx, run, file, pulse, id, cursor));
  const cannotCopy = await copyRecord(deps, run, file, pulse);
  if (cannotCopy !== null) return cannotCopy;
  await pulse.during(INDEX_TIMEOUT_MS, () => ledger.writeSoon(indexAges));
  while (!cursor.done) {
    pulse.throwIfCancelled();
    const from: Cursor = cursor;
    cursor = await step({ ledger, pulse }, (tx) => planSlice(tx, run, file, pulse, id, from));
  }
  return cursor;
}

/** Counts earlier mails before the record is read: people who asked for one by themselves are in it as well. */
async function begin(
  tx: Tx,
  { migrationId }: RunRef,
  { passwordResets: { canary } }: Migration,
  pulse: Pulse,
  id: CursorId,
  fresh: Cursor,
): Promise<Cursor> {
  const tally = new Tally(fresh.counters);
  const earlier = await mailedBefore(tx, migrationId, MAX_CANARY);
  tally.add(EARLIER, earlier);
  if (typeof canary === "number") tally.add(CANARY_TO, Math.max(0, canary - earlier));
  const begun = { ...fresh, position: JSON.stringify(START), counters: tally.all() };
  await moveCursor(tx, id, pulse.fence, begun);
  return begun;
}

/**
 * The mails have another sender from now on: as many as the file wants come first once more, out of those who are left.
 * Whom it names have their mail.
 */
export async function firstOnesAnew(
  tx: Tx,
  run: RunRef,
  { passwordResets: { canary } }: Migration,
  { fence }: Pick<Pulse, "fence">,
  planned: Cursor,
): Promise<Cursor> {
  const limit = typeof canary === "number" ? canary : 0;
  const anybody = { from: 1, dueByMs: Number.MAX_SAFE_INTEGER, limit };
  const first = limit === 0 ? [] : await dueOrdinals(tx, run, "resets", anybody);
  const sinceMs = await ledgerNowMs(tx);
  const counters = { ...planned.counters, [CANARY_TO]: first.at(-1) ?? 0, [CANARY_SINCE]: sinceMs };
  const moved = { ...planned, counters };
  await moveCursor(tx, cursorId(run, "resets"), fence, moved);
  return moved;
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
  const { pass, after } = JSON.parse(cursor.position ?? JSON.stringify(START)) as Position;
  const tally = new Tally(cursor.counters);
  const order = policy.order === "oldestFirst" ? "asc" : "desc";
  const { users, last } = await importedByAge(tx, run, order, after, SLICE_USERS);
  const belongs = passes[pass];
  const isLastPass = pass === passes.length - 1;
  const mails = await campaignMails(
    tx,
    run.migrationId,
    users.map(({ sub }) => sub),
  );
  const before = isLastPass ? await settledBefore(tx, run, mails) : NOBODY;
  const due: NewItem[] = [];
  for (const user of users) {
    const mail = mails.get(user.sub);
    const reason = noResetReason(user, policy);
    if (isLastPass && user.isPlanned) count(tally, reason, before.has(user.sub));
    if (isDoubtful(mail)) {
      // What became of it is found out, whoever is mailed now.
      if (isLastPass) due.push(itemOf(user, mail));
    } else if (!isSettled(mail) && reason === null && user.isPlanned && belongs?.(user))
      due.push(itemOf(user, null));
  }
  const queued = await queueNew(tx, run, due);
  const next: Position = last === null ? { pass: pass + 1, after: null } : { pass, after: last };
  if (isCanaryPass(policy, pass) && tally.get(EARLIER) === 0) tally.add(CANARY_TO, queued);
  const moved = { position: JSON.stringify(next), done: next.pass >= passes.length, counters: tally.all() };
  await moveCursor(tx, id, pulse.fence, moved);
  return moved;
}

function count(tally: Tally, reason: NoResetReason | null, isBefore: boolean): void {
  if (reason !== null) tally.add(`${NO_RESET_PREFIX}${reason}`, 1);
  else tally.add(isBefore ? MAILED_BEFORE : "mailed", 1);
}

const NOBODY: ReadonlySet<string> = new Set();

/** Whom earlier runs have mailed. A redrive walks everybody again: the mails of its own run have items in this queue. */
async function settledBefore(
  tx: Tx,
  run: RunRef,
  mails: ReadonlyMap<string, CampaignMail>,
): Promise<Set<string>> {
  const settled = [...mails.values()].filter(isSettled).map(({ sub }) => sub);
  const own = await queuedAmong(tx, run, "resets", settled);
  return new Set(settled.filter((sub) => !own.has(sub)));
}

function isDoubtful(mail: CampaignMail | undefined): mail is CampaignMail {
  return mail?.state === "claimed";
}

/** One that was refused is judged anew. */
function isSettled(mail: CampaignMail | undefined): boolean {
  return mail?.state === "mailed" || mail?.state === "unsettled";
}

function itemOf({ sub }: ImportedUser, doubtful: CampaignMail | null): NewItem {
  return { kind: "user", key: sub, intent: "mail", doubtSinceMs: doubtful?.claimedAtMs ?? null };
}

/** Whoever an earlier pass put into the queue stays where they are. Returns how many were added. */
async function queueNew(tx: Tx, run: RunRef, due: readonly NewItem[]): Promise<number> {
  const queued = await queuedAmong(
    tx,
    run,
    "resets",
    due.map(({ key }) => key),
  );
  const fresh = due.filter(({ key }) => !queued.has(key));
  if (fresh.length > 0) await addItems(tx, run, "resets", await lastOrdinal(tx, run, "resets"), fresh);
  return fresh.length;
}

/** The first pass, where the file names people for the canary. */
function isCanaryPass({ canary }: Migration["passwordResets"], pass: number): boolean {
  return typeof canary !== "number" && pass === 0;
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
  return ownValue(all, name);
}
