import { expect } from "vitest";
import { finding } from "../../src/domain/findings.ts";
import type { Migration } from "../../src/domain/migration.ts";
import { FencedError } from "../../src/ledger/errors.ts";
import { readFindings, replaceFindings } from "../../src/ledger/findings.ts";
import { readProviderChecks, replaceProviderChecks } from "../../src/ledger/providers.ts";
import {
  disownMigration,
  findMigration,
  migrationsOfPool,
  type Owner,
  ownMigration,
  readMigration,
  rememberAccount,
} from "../../src/ledger/runs.ts";
import { parseFile } from "../domain/parse-file.ts";
import { testOnBoth } from "./ledgers.ts";

const IDENTITY = { poolId: "eu-west-1_AbCdEfGhI", destinationKind: "workos", environment: "client_01" };
const FILE = fileFor(45);

function fileFor(writesPerSecond: number): Migration {
  const parsed = parseFile({
    source: { region: "eu-west-1", userPoolId: IDENTITY.poolId },
    destination: { kind: "workos" },
    pace: { writesPerSecond },
  });
  if (!parsed.ok) throw new Error(parsed.sentence);
  return parsed.value;
}

function owner(firstRunId: string): Owner {
  return { namespace: "default", workflowId: `migrate-${IDENTITY.poolId}`, firstRunId };
}

testOnBoth("the first run owns the migration", async ({ open }) => {
  const ledger = await open();
  expect(await ledger.read((db) => findMigration(db, IDENTITY))).toBeUndefined();
  const owned = await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined));
  expect(owned).toEqual({ id: expect.any(Number), generation: 1, undoneGeneration: 0 });
  const found = await ledger.read((db) => findMigration(db, IDENTITY));
  expect(found).toEqual({
    id: owned?.id,
    generation: 1,
    file: FILE,
    inForce: { file: FILE, selectingSince: 1 },
    accountId: null,
    owner: owner("run-1"),
    newestRunId: "run-1",
    undo: null,
    isUndone: false,
    destinationKind: "workos",
    environment: "client_01",
    purge: null,
    ownerMode: null,
  });
  expect(await ledger.read((db) => readMigration(db, owned?.id ?? 0))).toEqual(found);
});

testOnBoth("of two first runs one becomes the owner", async ({ open }) => {
  const [one, other] = [await open(), await open()];
  const owned = await Promise.all([
    one.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined)),
    other.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-2"), undefined)),
  ]);
  expect(owned.filter((result) => result !== undefined)).toHaveLength(1);
});

testOnBoth("the same run asks again without effect", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined));
  const row = await ledger.read((db) => findMigration(db, IDENTITY));
  const again = await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), row));
  expect(again).toEqual({ id: row?.id, generation: 1, undoneGeneration: 0 });
});

testOnBoth("a new run takes over once, newly counted", async ({ open }) => {
  const [ledger, other] = [await open(), await open()];
  await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined));
  const seen = await ledger.read((db) => findMigration(db, IDENTITY));
  const changed = fileFor(10);
  const owned = await Promise.all([
    ledger.write((tx) => ownMigration(tx, IDENTITY, changed, owner("run-2"), seen)),
    other.write((tx) => ownMigration(tx, IDENTITY, changed, owner("run-3"), seen)),
  ]);
  const winners = owned.filter((result) => result !== undefined);
  expect(winners).toEqual([{ id: seen?.id, generation: 2, undoneGeneration: 0 }]);
  const now = await ledger.read((db) => findMigration(db, IDENTITY));
  expect(now?.file.pace.writesPerSecond).toBe(10);
  expect(now?.owner?.firstRunId).toBe(owned[0] === undefined ? "run-3" : "run-2");
});

testOnBoth("a disowned migration goes to whoever asks", async ({ open }) => {
  const ledger = await open();
  const first = await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined));
  const id = first?.id ?? 0;
  const stale = await ledger.read((db) => readMigration(db, id));
  expect(await ledger.write((tx) => disownMigration(tx, id, "run-1"))).toBe(true);
  const free = await ledger.read((db) => readMigration(db, id));
  expect(free.owner).toBeNull();
  expect(await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-2"), stale))).toBeUndefined();
  expect(await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-2"), free))).toEqual({
    id,
    generation: 2,
    undoneGeneration: 0,
  });
});

testOnBoth("a run that ends late takes the migration from nobody", async ({ open }) => {
  const ledger = await open();
  const first = await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined));
  const id = first?.id ?? 0;
  const seen = await ledger.read((db) => readMigration(db, id));
  await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-2"), seen));
  expect(await ledger.write((tx) => disownMigration(tx, id, "run-1"))).toBe(false);
  expect((await ledger.read((db) => readMigration(db, id))).owner).toEqual(owner("run-2"));
});

testOnBoth("environments of one pool are separate migrations", async ({ open }) => {
  const ledger = await open();
  const staging = { ...IDENTITY, environment: "client_staging" };
  await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined));
  const other = await ledger.write((tx) => ownMigration(tx, staging, FILE, owner("run-2"), undefined));
  await ledger.write((tx) => rememberAccount(tx, other?.id ?? 0, "123456789012"));
  const rows = await ledger.read((db) => migrationsOfPool(db, IDENTITY.poolId));
  expect(rows.map((row) => [row.environment, row.generation, row.accountId])).toEqual([
    ["client_01", 1, null],
    ["client_staging", 1, "123456789012"],
  ]);
});

testOnBoth("an attempt of an earlier run replaces nothing of what the newest one found", async ({ open }) => {
  const ledger = await open();
  const first = await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined));
  const known = await ledger.read((db) => findMigration(db, IDENTITY));
  const second = await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-2"), known));
  const [id, old, current] = [first?.id ?? 0, first?.generation ?? 0, second?.generation ?? 0];
  const missing = {
    name: "Google",
    state: "missing",
    fault: "not_configured",
    found: null,
    reason: null,
    earlier: 0,
  } as const;
  const gone = finding("group_gone", { group: "staff" });
  await ledger.write((tx) => replaceProviderChecks(tx, { migrationId: id, generation: current }, [missing]));
  await ledger.write((tx) => replaceFindings(tx, id, current, "verify", [gone]));

  const late = { migrationId: id, generation: old };
  const verified = { ...missing, state: "verified", fault: null } as const;
  const gate = ledger.write((tx) => replaceProviderChecks(tx, late, [verified]));
  await expect(gate).rejects.toThrow(FencedError);
  await expect(ledger.write((tx) => replaceFindings(tx, id, old, "verify", []))).rejects.toThrow(FencedError);
  expect(await ledger.read((db) => readProviderChecks(db, id))).toEqual([missing]);
  expect(await ledger.read((db) => readFindings(db, id))).toHaveLength(1);
});
