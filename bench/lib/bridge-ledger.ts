import { randomUUID } from "node:crypto";
import { noteMoved } from "../../src/ledger/bridge.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { setPace } from "../../src/ledger/pace.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { indexClusters } from "../../src/ledger/plan.ts";
import { ownMigration } from "../../src/ledger/runs.ts";
import { packSourceUsers, upsertSourceUsers } from "../../src/ledger/source-users.ts";
import { parseFile } from "../../test/domain/parse-file.ts";
import type { PoolUser } from "../../test/doubles/pool/pool.ts";
import type { BridgePeople } from "./bridge-people.ts";

const BATCH_SIZE = 500;

export interface Imported {
  people: BridgePeople;
  /** Of the destination. */
  environment: string;
  /** The accounts that an import made, by sub. */
  accounts: ReadonlyMap<string, string>;
  /** Of the destination's calls, by kind. */
  perSecond: Readonly<Record<"calls" | "reads" | "writes", number>>;
}

export function paceKey(environment: string, kind: keyof Imported["perSecond"]): string {
  return `workos/${environment}/${kind}`;
}

/** Fills an empty ledger as a snapshot, a plan and an import leave it, and as the bridge leaves those who have moved. */
export async function fillLedger(ledger: Ledger, imported: Imported): Promise<void> {
  const { people, accounts } = imported;
  const migrationId = await beginMigration(ledger, imported);
  for (let from = 0; from < people.pool.users.length; from += BATCH_SIZE)
    await importBatch(ledger, migrationId, people.pool.users.slice(from, from + BATCH_SIZE), accounts);
  await ledger.write(async (tx) => {
    await indexClusters(tx);
    for (const { sub } of people.moved) await noteMoved(tx, migrationId, sub);
  });
}

async function beginMigration(ledger: Ledger, { people, environment, perSecond }: Imported): Promise<number> {
  const { region, poolId } = people.pool;
  const parsed = parseFile({ source: { region, userPoolId: poolId }, destination: { kind: "workos" } });
  if (!parsed.ok) throw new Error(parsed.sentence);
  const owner = { namespace: "default", workflowId: "bench", firstRunId: randomUUID() };
  return ledger.write(async (tx) => {
    const identity = { poolId, destinationKind: "workos", environment };
    const row = await ownMigration(tx, identity, parsed.value, owner, undefined);
    if (row === undefined) throw new Error("The ledger is not fresh.");
    for (const kind of ["calls", "reads", "writes"] as const)
      await setPace(tx, paceKey(environment, kind), perSecond[kind]);
    return row.id;
  });
}

async function importBatch(
  ledger: Ledger,
  migrationId: number,
  users: readonly PoolUser[],
  accounts: ReadonlyMap<string, string>,
): Promise<void> {
  const listed = users.map((user) => ({ ...user, identities: [], identitiesBroken: false }));
  await ledger.write(async (tx) => {
    await upsertSourceUsers(tx, migrationId, 1, [packSourceUsers(ledger.kind, migrationId, 1, listed)]);
    const imported = users.filter(({ sub }) => accounts.has(sub));
    const facts = imported.map(({ sub }) => ({
      kind: "user" as const,
      key: sub,
      destinationId: accounts.get(sub) ?? "",
      how: "created" as const,
      fingerprint: null,
      details: null,
      firstClaimedAtMs: 1,
    }));
    await noteStanding(tx, migrationId, facts);
  });
}
