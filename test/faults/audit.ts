import { expect } from "vitest";
import type { RunSummary } from "../../src/domain/contract.ts";
import { outcomesAfter, type UserOutcome } from "../../src/ledger/outcomes.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import type { Stage } from "./stage.ts";

const SLICE = 1_000;

/** How everyone ended, as the ledger has it. */
export function outcomes(stage: Stage): Promise<Map<string, UserOutcome>> {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    const found = new Map<string, UserOutcome>();
    if (migration === undefined) return found;
    for (let after = ""; ; ) {
      const rows = await ledger.read((db) => outcomesAfter(db, migration, after, SLICE));
      for (const row of rows) found.set(row.sub, row);
      const last = rows.at(-1);
      if (last === undefined) return found;
      after = last.sub;
    }
  });
}

/**
 * The promises, checked against the pool and the destination's own books: everyone has one outcome, nobody is
 * there twice, nobody is there who should not be, and everyone imported is there in full.
 */
export async function auditRun(stage: Stage, summary: RunSummary): Promise<void> {
  const { pool, workos } = stage;
  const ended = await outcomes(stage);
  expect(ended.size).toBe(pool.users.length);
  expect(countBy([...ended.values()], (one) => one.outcome)).toEqual(nonZero(summary));

  const made = workos.state().createdByExternalId;
  expect(Object.values(made).filter((times) => times > 1)).toEqual([]);
  const accounts = new Map([...workos.users.values()].map((user) => [user.external_id, user]));
  const imported = pool.users.filter((user) => ended.get(user.sub)?.outcome === "imported");
  expect([...accounts.keys()].toSorted()).toEqual(imported.map((user) => user.sub).toSorted());
  for (const user of imported) {
    const account = accounts.get(user.sub);
    expect(account).toMatchObject(expectedAccount(user));
    expect(account?.id).toBe(ended.get(user.sub)?.destinationId);
    expect(user.enabled).toBe(true);
  }
}

function expectedAccount({ attributes }: PoolUser) {
  return {
    email: (attributes.email ?? "").trim().toLowerCase(),
    email_verified: attributes.email_verified === "true",
  };
}

function nonZero({ imported, merged, skipped, failed, open }: RunSummary): Record<string, number> {
  const all = Object.entries({ imported, merged, skipped, failed, open });
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
