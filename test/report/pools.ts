import { expect } from "vitest";
import type { PlacedHow, PlacedKind } from "../../src/domain/books.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import type { ItemPhase } from "../../src/domain/phases.ts";
import type { SourceUser } from "../../src/domain/pool.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { writeDecisions } from "../../src/ledger/plan.ts";
import { addItems, type Settlement } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { lastOrdinal } from "../../src/ledger/queue-questions.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";
import { type MigrationRow, ownMigration, readMigration, runOf } from "../../src/ledger/runs.ts";
import { parseFile } from "../domain/parse-file.ts";
import { upsertPages } from "../ledger/ledgers.ts";

export const POOL_ID = "eu-west-1_AbCdEfGhI";
export const ENVIRONMENT = "client_environment";

/** A migration as its first run began it. */
export async function ownedMigration(
  ledger: Ledger,
  change: Partial<MigrationFile> = {},
): Promise<MigrationRow> {
  const parsed = parseFile({
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
    fingerprint: "f",
  }));
  await ledger.write((tx) =>
    writeDecisions(tx, runOf(migration), [
      ...create,
      ...merged.map(([{ sub }, mergeInto]) => ({
        sub,
        action: "merge" as const,
        reason: "merged_same_email" as const,
        mergeInto,
        fingerprint: null,
      })),
      ...skipped.map(({ sub }) => ({
        sub,
        action: "skip" as const,
        reason: "disabled" as const,
        mergeInto: null,
        fingerprint: null,
      })),
    ]),
  );
  await seedItems(
    ledger,
    migration,
    "users",
    imported.map(({ sub }) => ({ key: sub, how: "created", destinationId: `user_${sub}` })),
  );
  await seedItems(
    ledger,
    migration,
    "users",
    open.map(({ sub }) => ({ key: sub, state: "pending" })),
  );
}

export interface Item {
  kind?: PlacedKind;
  key: string;
  how?: PlacedHow;
  state?: "done" | "failed" | "skipped" | "pending";
  code?: string;
  destinationId?: string;
  details?: object;
}

/** Work items that are settled, or still open; what is done stands. */
export async function seedItems(
  ledger: Ledger,
  migration: Pick<MigrationRow, "id" | "generation">,
  phase: ItemPhase,
  items: readonly Item[],
): Promise<void> {
  if (items.length === 0) return;
  const run = runOf(migration);
  const last = await ledger.read((db) => lastOrdinal(db, run, phase));
  const range = { ...run, phase, from: last + 1, to: last + items.length };
  const kindOf = ({ kind = "user" }: Item) => kind;
  const intent = phase === "resets" ? "mail" : "create";
  await ledger.write((tx) =>
    addItems(
      tx,
      run,
      phase,
      last,
      items.map((item) => ({ kind: kindOf(item), key: item.key, intent, doubtSinceMs: null })),
    ),
  );
  const claimed = await ledger.write((tx) => claim(tx, range, 1, items.length));
  const settled = claimed.flatMap((item, index): Settlement[] => {
    const {
      state = "done",
      code = null,
      how = "created",
      destinationId,
      details = null,
    } = items[index] ?? { key: "" };
    if (state === "pending") return [];
    const fact = destinationId === undefined ? null : { destinationId, how, fingerprint: null, details };
    return [{ item, state, inDoubt: false, code, message: null, fact }];
  });
  await ledger.write((tx) => settle(tx, range, 1, settled));
}
