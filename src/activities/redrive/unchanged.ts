import { isDeepStrictEqual } from "node:util";
import type { UserSource } from "../../cognito/source.ts";
import type { RunRef } from "../../domain/contract.ts";
import type { SourceUser } from "../../domain/pool.ts";
import { askOne } from "../../engine/ask-one.ts";
import type { SourceTools } from "../../engine/ask-source.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { clustersAmong, groupsOf } from "../../ledger/plan.ts";
import { mergedAmong } from "../../ledger/redrive.ts";
import { rowOf, type SourceUserRow, sourceUsersBySub } from "../../ledger/source-users.ts";

export interface SourceLook {
  ledger: Ledger;
  run: RunRef;
  source: UserSource;
  asking: SourceTools;
}

interface Person extends SourceUserRow {
  /** Whose account they have: their own, or the one that they come along in. */
  account: string;
}

/**
 * Of these people, by whose account it is, those of whom Cognito says what the plan was made by, and of everybody who
 * comes along in their account; with their groups where memberships follow from these. Each is asked about by themselves:
 * the walk of the pool may be days old.
 */
export async function unchangedAmong(
  look: SourceLook,
  subs: readonly string[],
  withGroups: boolean,
): Promise<Set<string>> {
  const people = await peopleOf(look, subs);
  const groups = withGroups
    ? await look.ledger.read((db) =>
        groupsOf(
          db,
          look.run,
          people.map(({ sub }) => sub),
        ),
      )
    : new Map<string, string[]>();
  const unchanged = new Set(people.map(({ account }) => account));
  for (const person of people) {
    if (!unchanged.has(person.account)) continue;
    const isSame =
      (await isAsRead(look, person)) && (await isStillIn(look, person, groups.get(person.sub) ?? []));
    if (!isSame) unchanged.delete(person.account);
  }
  return unchanged;
}

async function peopleOf({ ledger, run }: SourceLook, subs: readonly string[]): Promise<Person[]> {
  const own = await ledger.read((db) => sourceUsersBySub(db, run.migrationId, subs));
  const listed = [...own.values()].filter(({ generation }) => generation === run.generation);
  const keys = new Set(listed.map(({ cluster_key }) => cluster_key));
  const clusters = await ledger.read((db) => clustersAmong(db, run, [...keys]));
  const others = [...clusters.values()].flat().filter(({ sub }) => !own.has(sub));
  const merged = await ledger.read((db) =>
    mergedAmong(
      db,
      run,
      others.map(({ sub }) => sub),
    ),
  );
  const alongside = others.flatMap((row) => {
    const account = merged.get(row.sub);
    return account !== undefined && own.has(account) ? [{ ...row, account }] : [];
  });
  return [...listed.map((row) => ({ ...row, account: row.sub })), ...alongside];
}

async function isAsRead({ run, source, asking }: SourceLook, person: SourceUserRow): Promise<boolean> {
  const now = await askOne(asking, "ListUsers", () => source.findUser(person.sub));
  return now !== null && isDeepStrictEqual(recordOf(asRow(run, now)), recordOf(person));
}

function asRow({ migrationId, generation }: RunRef, user: SourceUser): SourceUserRow {
  return rowOf(migrationId, generation, user);
}

/** When they were last changed moves with things that no record has, and a link gives them another cluster. */
function recordOf({ username, attributes, status, enabled, identities_broken }: SourceUserRow) {
  return { username, attributes: JSON.parse(attributes), status, enabled, identities_broken };
}

/** Whoever has left a group since would get what it gave; what a new one gives comes with the next run. */
async function isStillIn(
  { source, asking }: SourceLook,
  { username }: SourceUserRow,
  groups: readonly string[],
): Promise<boolean> {
  if (groups.length === 0) return true;
  const now = await askOne(asking, "AdminListGroupsForUser", () => source.groupsOfUser(username));
  return now !== null && groups.every((group) => now.includes(group));
}
