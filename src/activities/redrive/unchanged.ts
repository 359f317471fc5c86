import { isDeepStrictEqual } from "node:util";
import type { SourceAnswer, SourcePage, UserSource } from "../../cognito/source.ts";
import type { RunRef } from "../../domain/contract.ts";
import type { SourceUser } from "../../domain/pool.ts";
import { answerAbout } from "../../engine/answer-about.ts";
import type { SourceTools } from "../../engine/ask-source.ts";
import { SMALL_CLUSTER } from "../../ledger/clusters.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { addressesOf, clusterSizes, clustersAmong, groupsOf } from "../../ledger/plan.ts";
import { rowOf, type SourceUserRow, sourceUsersBySub } from "../../ledger/source-users.ts";
import { normalizeEmail } from "../../plan/normalize.ts";
import { storable } from "../../plan/texts.ts";

export interface SourceLook {
  ledger: Ledger;
  run: RunRef;
  source: UserSource;
  asking: SourceTools;
  /** Groups by which something is decided about people; null where it is not about them. */
  deciding: ReadonlySet<string> | null;
  /** Nobody needs the answer once it aborts. */
  signal: AbortSignal;
}

/** A look that had to wait for one of its answers is begun again where it took longer: the others may hold no more. */
const LOOK_HOLDS_MS = 2_000;

export async function isUnchanged(look: SourceLook, sub: string): Promise<boolean> {
  for (;;) {
    const beganAtMs = performance.now();
    const begun = { ...look, waits: 0 };
    const isSame = await isStillSame(begun, sub);
    if (begun.waits === 0 || performance.now() - beganAtMs <= LOOK_HOLDS_MS) return isSame;
  }
}

interface BegunLook extends SourceLook {
  /** How often an answer was to be had only later. */
  waits: number;
}

async function ask<T>(
  look: BegunLook,
  operation: string,
  question: () => Promise<SourceAnswer<T>>,
): Promise<T> {
  const { value, tries } = await answerAbout(look, operation, question, look.signal);
  look.waits += tries - 1;
  return value;
}

/**
 * Whether Cognito says of somebody what the plan was made by: of them, of those who are decided with them, of whoever has
 * an address of theirs, and which groups they are in. The walk of the pool may be days old. Of more people than are
 * decided together by the dozen nobody is asked one by one: the next run reads them.
 */
async function isStillSame(look: BegunLook, sub: string): Promise<boolean> {
  const known = await clusterOf(look, sub);
  if (known === null) return false;
  if (known.size === 0) return (await personNow(look, sub)) === null;
  const seen = new Set<string>();
  for (const address of addressesOf([...known.values()])) {
    const holders = await holdersOf(look, address);
    if (holders === null || !(await areAsRead(look, holders))) return false;
    for (const holder of holders) seen.add(holder.sub);
  }
  for (const row of known.values())
    if (!seen.has(row.sub) && !isAsRead(look.run, await personNow(look, row.sub), row)) return false;
  return look.deciding === null || (await areInTheirGroups(look, look.deciding, [...known.values()]));
}

/** Empty for somebody whom the run did not list; null for more than a few. */
async function clusterOf(
  { ledger, run }: SourceLook,
  sub: string,
): Promise<Map<string, SourceUserRow> | null> {
  const own = (await ledger.read((db) => sourceUsersBySub(db, run.migrationId, [sub]))).get(sub);
  if (own?.generation !== run.generation) return new Map();
  const { cluster_key: key } = own;
  const sizes = await ledger.read((db) => clusterSizes(db, run, [key], SMALL_CLUSTER + 1));
  if ((sizes.get(key) ?? 0) > SMALL_CLUSTER) return null;
  const clusters = await ledger.read((db) => clustersAmong(db, run, [key]));
  return new Map([...clusters.values()].flat().map((row) => [row.sub, row]));
}

function personNow(look: BegunLook, sub: string): Promise<SourceUser | null> {
  return ask(look, "ListUsers", () => look.source.findUser(sub));
}

/** Null for more than a few. */
async function holdersOf(look: BegunLook, address: string): Promise<SourceUser[] | null> {
  const holders: SourceUser[] = [];
  let token: string | null = null;
  do {
    const from: string | null = token;
    const page: SourcePage = await ask(look, "ListUsers", () => look.source.usersByEmail(address, from));
    holders.push(...page.users.filter(({ attributes }) => normalizeEmail(attributes.email) === address));
    token = page.nextToken;
    if (holders.length > SMALL_CLUSTER) return null;
  } while (token !== null);
  return holders;
}

/** A newcomer, or somebody who has taken the address over since, may be whom the plan would decide by. */
async function areAsRead({ ledger, run }: SourceLook, people: readonly SourceUser[]): Promise<boolean> {
  const subs = people.map(({ sub }) => sub);
  const rows = await ledger.read((db) => sourceUsersBySub(db, run.migrationId, subs));
  return people.every((now) => isAsRead(run, now, rows.get(now.sub)));
}

function isAsRead(run: RunRef, now: SourceUser | null, row: SourceUserRow | undefined): boolean {
  if (now === null || row?.generation !== run.generation) return false;
  return isDeepStrictEqual(recordOf(rowOf(run.migrationId, run.generation, now)), recordOf(row));
}

/** When they were last changed moves with things that no record has, and a link gives them another cluster. */
function recordOf({ username, attributes, status, enabled, identities_broken }: SourceUserRow) {
  const kept = JSON.parse(storable(attributes));
  return { username: storable(username), attributes: kept, status, enabled, identities_broken };
}

/** Groups give what is made and take what is removed: both ways have to be as they were. */
async function areInTheirGroups(
  look: BegunLook,
  deciding: ReadonlySet<string>,
  people: readonly SourceUserRow[],
): Promise<boolean> {
  const subs = people.map(({ sub }) => sub);
  const groups = await look.ledger.read((db) => groupsOf(db, look.run, subs));
  for (const { sub, username } of people) {
    const now = await ask(look, "AdminListGroupsForUser", () => look.source.groupsOfUser(username));
    const before = new Set((groups.get(sub) ?? []).filter((group) => deciding.has(group)));
    const today = new Set((now ?? []).map(storable).filter((group) => deciding.has(group)));
    if (now === null || before.size !== today.size || [...before].some((group) => !today.has(group)))
      return false;
  }
  return true;
}
