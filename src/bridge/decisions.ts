import type { Destination } from "../destinations/destination.ts";
import { accountOf } from "../ledger/account.ts";
import { bridgeWitnesses, oldestGeneration } from "../ledger/bridge-people.ts";
import { earlierAccounts } from "../ledger/earlier-accounts.ts";
import type { Db } from "../ledger/ledger.ts";
import { addressesOf, type PlannedUser } from "../ledger/plan.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { type Account, type Decision, decidedOf, MAX_CLUSTER } from "../plan/decide.ts";
import { decidePeople } from "../plan/signed-up-again.ts";
import { asOfToday, type Today } from "./today.ts";

/** People who are decided together, by the newest snapshot that came to them. */
export interface Together {
  cluster: readonly PlannedUser[];
  /** The same people, as the rules look at them. */
  accounts: readonly Account[];
  /** Addresses that count beside those of the cluster. */
  addresses: Iterable<string>;
}

export interface Judged {
  decisions: Decision[];
  /** Everybody whose state they rest on, by sub. */
  restsOn: string[];
}

/** What the rules of the plan say of each of them, with the file in force, and whoever was asked about as they are today. */
export async function decisionsAround(
  db: Db,
  destination: Destination,
  migration: MigrationRow,
  { cluster, accounts, addresses }: Together,
  today: Today,
): Promise<Judged> {
  const { users } = migration.file;
  const all = [...addresses, ...addressesOf(cluster)];
  const [byAddress, others] = await Promise.all([
    earlierAccounts(db, migration.id, oldestGeneration(db, migration), all),
    bridgeWitnesses(db, migration, cluster, addresses),
  ]);
  const earlier = [...byAddress.values()].flat();
  const witnesses = asOfToday(others, today);
  const policy = { users, refusesEmail: (email: string) => destination.refusesEmail(email) };
  const decisions = decidePeople(accounts, policy, {
    tooMany: accounts.length > MAX_CLUSTER,
    // What stands of them matters where they are decided.
    witnesses: witnesses.map((user) => accountOf(user, false)),
    earlier,
  });
  // Whom the operator took out by name says nothing about the others.
  const counting = [...cluster, ...witnesses].filter((user) => decidedOf(user, { users }) !== "skip");
  return {
    decisions,
    restsOn: counting.map(({ sub }) => sub),
  };
}
