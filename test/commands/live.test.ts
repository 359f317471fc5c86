import { expect } from "vitest";
import { liveCounts } from "../../src/commands/live.ts";
import { phasesOf } from "../../src/domain/phases.ts";
import { takeCursor } from "../../src/ledger/cursors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { addItems } from "../../src/ledger/queue.ts";
import {
  disownMigration,
  findMigration,
  type MigrationRow,
  ownAsItStands,
  ownForUndo,
  ownMigration,
} from "../../src/ledger/runs.ts";
import { testOnBoth } from "../ledger/ledgers.ts";
import { fileOf } from "../plan/findings/set-ups.ts";

const FILE = fileOf();
const { userPoolId } = FILE.source;
const IDENTITY = { poolId: userPoolId, destinationKind: "workos", environment: "client_01" };
const KIND = { dryRun: false, isPilot: false, sendsResets: false };
const UNDO = {
  userPoolId,
  destination: { kind: "workos" },
  confirm: userPoolId,
  signedInSince: "keep",
} as const;

function owner(firstRunId: string) {
  return { namespace: "default", workflowId: `migrate-${userPoolId}`, firstRunId };
}

async function known(ledger: Ledger): Promise<MigrationRow> {
  const migration = await ledger.read((db) => findMigration(db, IDENTITY));
  if (migration === undefined) throw new Error("There is no migration.");
  return migration;
}

/** A ledger in which a first run has begun. */
async function migrating(ledger: Ledger): Promise<void> {
  await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-1"), undefined));
}

const live = (ledger: Ledger) =>
  liveCounts(ledger, userPoolId, null)({ firstRunId: null, environment: null });

testOnBoth(
  "the ledger alone tells the phases of a verification, whatever came before it",
  async ({ open }) => {
    const ledger = await open();
    await migrating(ledger);
    const migrated = await known(ledger);
    await ledger.write((tx) => ownAsItStands(tx, "verify", owner("verify-1"), migrated));
    expect((await live(ledger)).run).toEqual({
      firstRunId: "verify-1",
      phases: phasesOf({ ...KIND, mode: "verify" }),
    });

    const verified = await known(ledger);
    await ledger.write((tx) => ownForUndo(tx, UNDO, owner("undo"), verified));
    const undone = await known(ledger);
    expect((await live(ledger)).run?.phases).toEqual(phasesOf({ ...KIND, mode: "undo" }));
    await ledger.write((tx) => ownAsItStands(tx, "verify", owner("verify-2"), undone));
    expect((await live(ledger)).run?.phases).toEqual(phasesOf({ ...KIND, mode: "verify" }));

    const again = await known(ledger);
    await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner("run-2"), again));
    expect((await live(ledger)).run?.phases).toEqual(phasesOf(KIND));
  },
);

testOnBoth("the ledger still tells whose counts it has once that run owns it no more", async ({ open }) => {
  const ledger = await open();
  await migrating(ledger);
  const { id } = await known(ledger);
  await ledger.write((tx) => disownMigration(tx, id, "run-1"));
  expect((await known(ledger)).owner).toBeNull();
  expect((await live(ledger)).run).toEqual({ firstRunId: "run-1", phases: phasesOf(KIND) });
});

testOnBoth("the ledger alone tells how far an undo is with what people sign in through", async ({ open }) => {
  const ledger = await open();
  await migrating(ledger);
  const migrated = await known(ledger);
  await ledger.write((tx) => ownForUndo(tx, UNDO, owner("undo"), migrated));
  const { id, generation } = await known(ledger);
  const run = { migrationId: id, generation };
  await takeCursor(ledger, { ...run, name: "plan" }, 1);
  const google = { kind: "connection", key: "Google", intent: "remove", doubtSinceMs: null } as const;
  await ledger.write((tx) => addItems(tx, run, "credentials", 0, [google]));
  const { totals } = await live(ledger);
  expect(totals.credentials).toEqual({ done: 0, failed: 0, skipped: 0, of: 1 });
  // Only the undo itself knows how much of its plan there is.
  expect(totals).not.toHaveProperty("plan");
});
