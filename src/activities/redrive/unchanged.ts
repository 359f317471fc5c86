import { isDeepStrictEqual } from "node:util";
import type { SourcePage, UserSource } from "../../cognito/source.ts";
import type { RunRef } from "../../domain/contract.ts";
import type { SourceUser } from "../../domain/pool.ts";
import { askOne } from "../../engine/ask-one.ts";
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
}

/**
 * Whether Cognito says of somebody what the plan was made by: of them, of those who are decided with them, of whoever has
 * an address of theirs, and which groups they are in. The walk of the pool may be days old. Of more people than are
 * decided together by the dozen nobody is asked one by one: the next run reads them.
 */
export async function isUnchanged(look: SourceLook, sub: string): Promise<boolean> {
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

function personNow({ source, asking }: SourceLook, sub: string): Promise<SourceUser | null> {
  return askOne(asking, "ListUsers", () => source.findUser(sub));
}

/** Null for more than a few. */
async function holdersOf({ source, asking }: SourceLook, address: string): Promise<SourceUser[] | null> {
  const holders: SourceUser[] = [];
  let token: string | null = null;
  do {
    const from: string | null = token;
    const page: SourcePage = await askOne(asking, "ListUsers", () => source.usersByEmail(address, from));
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
  { ledger, run, source, asking }: SourceLook,
  deciding: ReadonlySet<string>,
  people: readonly SourceUserRow[],
): Promise<boolean> {
  const subs = people.map(({ sub }) => sub);
  const groups = await ledger.read((db) => groupsOf(db, run, subs));
  for (const { sub, username } of people) {
    const now = await askOne(asking, "AdminListGroupsForUser", () => source.groupsOfUser(username));
    const before = new Set((groups.get(sub) ?? []).filter((group) => deciding.has(group)));
    const today = new Set((now ?? []).map(storable).filter((group) => deciding.has(group)));
    if (now === null || before.size !== today.size || [...before].some((group) => !today.has(group)))
      return false;
  }
  return true;
}
