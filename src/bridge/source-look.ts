import type { SourceProblem } from "../cognito/source.ts";
import type { SourceUser } from "../domain/pool.ts";
import { type PlannedUser, withPlaced } from "../ledger/plan.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { sourceUsersBySub } from "../ledger/source-users.ts";
import { MAX_CLUSTER } from "../plan/decide.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NoAnswer, outage, THROTTLED_BY_SOURCE } from "./outcomes.ts";
import { emailOf, isGivenAccount, type Today } from "./today.ts";

/** Each costs a call at once: so many accounts that are one person without one address there are not. */
const MAX_ASKED_SINGLY = 10;
/** Pages may be short, and some without users: those of as many people as are decided together come to half of these. */
const MAX_PAGES = 60;

/** On whose state something rests. */
export interface RestsOn {
  /** Everybody who has one of them. */
  addresses: readonly string[];
  /** By sub. */
  subs: readonly string[];
}

type Looked = { ok: true; today: Today } | { ok: false; outcome: NoAnswer };
type Listed<T> = { ok: true; value: T } | { ok: false; outcome: NoAnswer };

/**
 * What Cognito has of these people now: asked before an account is made, and before any mail. Who has an address is read by
 * pages, so that nobody keeps its owner out by many sign-ups with it; beside them `sub` and whoever the list cannot
 * tell are asked about one by one. An outage says nothing, so that nothing is done.
 */
export async function lookAtSource(
  deps: BridgeDeps,
  migration: MigrationRow,
  { addresses, subs }: RestsOn,
  sub: string | null,
): Promise<Looked> {
  const people = new Map<string, SourceUser | null>();
  for (const address of new Set(addresses)) {
    const holders = await holdersOf(deps, migration, address);
    if (!holders.ok) return holders;
    for (const user of holders.value) people.set(user.sub, user);
  }
  const singly = await notListed(deps, migration, { addresses, subs }, people);
  if (sub !== null && !people.has(sub)) singly.add(sub);
  if (singly.size > MAX_ASKED_SINGLY) return { ok: false, outcome: outage("too_many_to_look_at") };
  const answers = await Promise.all([...singly].map((one) => askedAbout(deps, migration, one)));
  for (const answer of answers) {
    if (!answer.ok) return answer;
    people.set(answer.value.sub, answer.value.user);
  }
  return { ok: true, today: { people, addresses: new Set(addresses) } };
}

/** Of more people than the plan decides together no more than show that. */
async function holdersOf(
  { source, countPage }: BridgeDeps,
  migration: MigrationRow,
  address: string,
): Promise<Listed<SourceUser[]>> {
  const holders: SourceUser[] = [];
  let token: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    countPage(migration);
    const page = await source.usersByEmail(address, token);
    if (!page.ok) return { ok: false, outcome: noAnswerOf("ListUsers", page) };
    holders.push(...page.value.users.filter((user) => emailOf(user) === address));
    token = page.value.nextToken;
    if (token === null || holders.length > MAX_CLUSTER) return { ok: true, value: holders };
  }
  return { ok: false, outcome: outage("too_many_pages") };
}

/** Those whom the list of an address does not show, and who may count all the same. */
async function notListed(
  { ledger }: BridgeDeps,
  { id }: MigrationRow,
  { addresses, subs }: RestsOn,
  people: ReadonlyMap<string, SourceUser | null>,
): Promise<Set<string>> {
  const missing = subs.filter((sub) => !people.has(sub));
  const rows = await ledger.read(async (db) =>
    withPlaced(db, id, [...(await sourceUsersBySub(db, id, missing)).values()]),
  );
  const left = new Set(
    rows.filter((row) => addresses.includes(row.email ?? "") && mayBeLeft(row)).map(({ sub }) => sub),
  );
  return new Set(missing.filter((sub) => !left.has(sub)));
}

/**
 * Whether somebody counts no more once the list of their address does not show them: they were given no account of it, and
 * they merely claim it, or their spelling is the one that was asked for.
 */
function mayBeLeft(row: PlannedUser): boolean {
  if (isGivenAccount(row)) return false;
  // Written by upsertSourceUsers only.
  const { email } = JSON.parse(row.attributes) as Record<string, string>;
  return email === row.email || (row.enabled === 1 && row.email_verified === 0);
}

async function askedAbout(
  { source, countPage }: BridgeDeps,
  migration: MigrationRow,
  sub: string,
): Promise<Listed<{ sub: string; user: SourceUser | null }>> {
  countPage(migration);
  const found = await source.findUser(sub);
  return found.ok
    ? { ok: true, value: { sub, user: found.value } }
    : { ok: false, outcome: noAnswerOf("ListUsers", found) };
}

/** With the call, and AWS's code where it gave one. */
export function noAnswerOf(operation: string, problem: SourceProblem): NoAnswer {
  if (problem.problem === "slow_down") return THROTTLED_BY_SOURCE;
  return outage(`${operation}: ${"code" in problem ? problem.code : problem.problem}`);
}
