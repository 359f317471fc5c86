import { expect } from "vitest";
import type { SourceUser } from "../../src/cognito/source.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { addWorkItems, lastOrdinal, writeDecisions } from "../../src/ledger/plan.ts";
import { type MigrationRow, ownMigration, readMigration } from "../../src/ledger/runs.ts";
import { claim, settle } from "../../src/ledger/work-items.ts";
import { type MigrationFile, parseMigration } from "../../src/migration.ts";
import type { ItemPhase } from "../../src/phases.ts";
import { upsertPages } from "../ledger/ledgers.ts";

export const POOL_ID = "eu-west-1_AbCdEfGhI";
export const ENVIRONMENT = "client_environment";

/** A migration as its first run began it. */
export async function ownedMigration(
  ledger: Ledger,
  change: Partial<MigrationFile> = {},
): Promise<MigrationRow> {
  const parsed = parseMigration({
    source: { region: "eu-west-1", userPoolId: POOL_ID },
    destination: { kind: "workos" },
    ...change,
  });
  if (!parsed.ok) throw new Error(parsed.sentence);
  const file = parsed.value;
  const identity = { poolId: POOL_ID, destinationKind: "workos", environment: ENVIRONMENT };
  const owner = { namespace: "default", workflowId: "migrate", firstRunId: "run" };
  const owned = await ledger.write((tx) => ownMigration(tx, identity, file, owner, undefined));
  expect(owned).toBeDefined();
  return ledger.read((db) => readMigration(db, owned?.id ?? 0));
}

/** A confirmed person with these attributes. */
export function person(sub: string, attributes: Record<string, string> = {}): SourceUser {
  return {
    sub,
    username: sub,
    attributes: { sub, email: `${sub}@example.com`, email_verified: "true", ...attributes },
    status: "CONFIRMED",
    enabled: true,
    createdAtMs: 1,
    modifiedAtMs: 1,
    identities: [],
    identitiesBroken: false,
  };
}

export interface Fates {
  imported?: readonly SourceUser[];
  /** With the sub of whom they were merged into. */
  merged?: readonly (readonly [SourceUser, into: string])[];
  skipped?: readonly SourceUser[];
  open?: readonly SourceUser[];
}

/** People as a finished run leaves them. The account of `a` is `user_a`. */
export async function seedPeople(ledger: Ledger, migration: MigrationRow, fates: Fates): Promise<void> {
  const { imported = [], merged = [], skipped = [], open = [] } = fates;
  const { id, generation } = migration;
  await upsertPages(
    ledger,
    generation,
    [[...imported, ...merged.map(([user]) => user), ...skipped, ...open]],
    id,
  );
  const create = [...imported, ...open].map(({ sub }) => ({
    sub,
    action: "create" as const,
    reason: null,
    mergeInto: null,
  }));
  await ledger.write((tx) =>
    writeDecisions(tx, id, generation, [
      ...create,
      ...merged.map(([{ sub }, mergeInto]) => ({
        sub,
        action: "merge" as const,
        reason: "merged_same_email" as const,
        mergeInto,
      })),
      ...skipped.map(({ sub }) => ({
        sub,
        action: "skip" as const,
        reason: "disabled" as const,
        mergeInto: null,
      })),
    ]),
  );
  await seedItems(
    ledger,
    id,
    "users",
    imported.map(({ sub }) => ({ key: sub, how: "created", destinationId: `user_${sub}` })),
  );
  await seedItems(
    ledger,
    id,
    "users",
    open.map(({ sub }) => ({ key: sub, state: "pending" })),
  );
}

export interface Item {
  key: string;
  how?: string;
  state?: "done" | "failed" | "skipped" | "pending";
  code?: string;
  destinationId?: string;
}

/** Work items that are settled, or still open. */
export async function seedItems(
  ledger: Ledger,
  migrationId: number,
  phase: ItemPhase,
  items: readonly Item[],
): Promise<void> {
  if (items.length === 0) return;
  const keys = items.map(({ key }) => key);
  const last = await ledger.read((db) => lastOrdinal(db, migrationId, phase));
  const range = { migrationId, phase, from: last + 1, to: last + items.length };
  await ledger.write((tx) => addWorkItems(tx, migrationId, phase, last, keys));
  const settled = items.flatMap(({ state = "done", code = null, how = null, destinationId = null }, index) =>
    state === "pending"
      ? []
      : [
          {
            ordinal: last + 1 + index,
            state,
            inDoubt: false,
            code,
            message: null,
            how,
            destinationId,
            recordHash: null,
          },
        ],
  );
  await ledger.write((tx) => claim(tx, range, 1, items.length));
  await ledger.write((tx) => settle(tx, range, 1, settled));
}
