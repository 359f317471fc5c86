import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import type { SourceUser } from "../../src/domain/pool.ts";
import { accountOf } from "../../src/ledger/account.ts";
import { moveCursor, takeCursor } from "../../src/ledger/cursors.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { indexClusters, sourceUsersAfter, writeDecisions } from "../../src/ledger/plan.ts";
import { type MigrationRow, ownForUndo, runOf } from "../../src/ledger/runs.ts";
import { decideCluster } from "../../src/plan/decide.ts";
import { upsertPages } from "../ledger/ledgers.ts";
import { ownedMigration, POOL_ID, person } from "../report/pools.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

export interface Seeded {
  folder: string;
  /** Path of the migration file. */
  file: string;
  settings: Record<string, string>;
  ledger: Ledger;
  migration: MigrationRow;
}

/** A migration file and a ledger as the newest plan left it, with these people. */
export async function openSeeded(
  people: readonly SourceUser[],
  change: Partial<MigrationFile> = {},
): Promise<Seeded> {
  const folder = freshFolder();
  const url = `sqlite:${join(folder, "ledger.db")}`;
  const ledger = await openLedger(url);
  onTestFinished(() => ledger.close());
  const migration = await ownedMigration(ledger, change);
  await upsertPages(ledger, migration.generation, [people], migration.id);
  await ledger.write(indexClusters);
  await planned(ledger, migration);
  const file = join(folder, "migration.json");
  const source = { region: "eu-west-1", userPoolId: POOL_ID };
  const named = { $schema: "../docs/migration.schema.json", source, destination: { kind: "workos" } };
  writeFileSync(file, `${JSON.stringify({ ...named, ...change }, null, 2)}\n`);
  return {
    ...{ folder, file, ledger, migration },
    settings: { SPILLWAY_LEDGER: url, WORKOS_API_KEY: "sk_test_x", WORKOS_CLIENT_ID: "client_environment" },
  };
}

const ALL = 100_000;

/** Decides by the rules of the plan, cluster by cluster, and notes that the plan has ended. */
async function planned(ledger: Ledger, migration: MigrationRow): Promise<void> {
  const run = runOf(migration);
  const users = await ledger.read((db) => sourceUsersAfter(db, run, "", ALL));
  const policy = { users: migration.file.users, refusesEmail: () => false };
  const decisions = [...Map.groupBy(users, (user) => user.cluster_key).values()].flatMap((cluster) =>
    decideCluster(
      cluster.map((user) => accountOf(user, false)),
      policy,
      { tooMany: cluster.length > 1_000 },
    ),
  );
  await ledger.write((tx) =>
    writeDecisions(
      tx,
      run,
      decisions.map((one) => ({ ...one, fingerprint: null })),
    ),
  );
  const cursor = { ...run, name: "plan" };
  await takeCursor(ledger, cursor, 1);
  await ledger.write((tx) => moveCursor(tx, cursor, 1, { position: null, done: true, counters: {} }));
}

/** Of one address: the subs are made of its name. */
export function sharing(name: string, changes: readonly Partial<SourceUser & { verified: boolean }>[]) {
  return changes.map(({ verified = true, ...change }, at) => ({
    ...person(`${name}-${at + 1}`, { email: `${name}@example.com`, email_verified: String(verified) }),
    createdAtMs: Date.parse("2021-03-04T00:00:00Z") + at * 86_400_000,
    modifiedAtMs: Date.parse("2024-01-02T00:00:00Z"),
    ...change,
  }));
}

/** The newest run is an undo from now on. */
export async function asUndone({ ledger, migration }: Pick<Seeded, "ledger" | "migration">): Promise<void> {
  const { userPoolId } = migration.file.source;
  const { destination } = migration.file;
  const undo = { userPoolId, confirm: userPoolId, destination, signedInSince: "keep" } as const;
  const owner = { namespace: "default", workflowId: "undo", firstRunId: "undo" };
  const owned = await ledger.write((tx) => ownForUndo(tx, undo, owner, migration));
  expect(owned).toBeDefined();
}
