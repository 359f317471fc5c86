import { expect } from "vitest";
import { approvedMails, beginApproved, beginAsking, endApproved } from "../../src/ledger/approved-mails.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { beginPurge } from "../../src/ledger/purge.ts";
import { findMigration, ownForUndo, ownMigration } from "../../src/ledger/runs.ts";
import { fileOf } from "../plan/findings/set-ups.ts";
import { testOnBoth } from "./ledgers.ts";

const FILE = fileOf();
const POOL = FILE.source.userPoolId;
const IDENTITY = { poolId: POOL, destinationKind: "workos", environment: "client_01" };
const CAMPAIGN = { settings: "a hash", people: 12, incarnation: "a file", asking: 0 };

async function known(ledger: Ledger) {
  const migration = await ledger.read((db) => findMigration(db, IDENTITY));
  if (migration === undefined) throw new Error("There is no migration.");
  return migration;
}

function owner(firstRunId: string) {
  return { namespace: "default", workflowId: `migrate-${POOL}`, firstRunId };
}

async function begin(ledger: Ledger, firstRunId: string) {
  const before = await ledger.read((db) => findMigration(db, IDENTITY));
  await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner(firstRunId), before));
  const { id, generation } = await known(ledger);
  return { migrationId: id, generation, firstRunId };
}

testOnBoth(
  "an approved campaign is known to later runs, and as ended once its own run has ended it",
  async ({ open }) => {
    const ledger = await open();
    const first = await begin(ledger, "run-1");
    expect(await ledger.read((db) => approvedMails(db, first))).toBeUndefined();
    await ledger.write((tx) => beginApproved(tx, first, CAMPAIGN));
    const second = await begin(ledger, "run-2");
    await ledger.write((tx) => endApproved(tx, second));
    expect(await ledger.read((db) => approvedMails(db, second))).toEqual({
      ...CAMPAIGN,
      generation: 1,
      run_id: "run-1",
      approved: 1,
      ended: 0,
    });
    // A redrive has the generation of its run.
    await ledger.write((tx) => endApproved(tx, { ...first, firstRunId: "redrive" }));
    expect(await ledger.read((db) => approvedMails(db, second))).toMatchObject({ ended: 0 });
    await ledger.write((tx) => endApproved(tx, first));
    expect(await ledger.read((db) => approvedMails(db, second))).toMatchObject({ ended: 1 });
    await ledger.write((tx) => beginApproved(tx, second, CAMPAIGN));
    expect(await ledger.read((db) => approvedMails(db, second))).toMatchObject({ generation: 2, ended: 0 });
    await ledger.write((tx) => beginAsking(tx, second, { ...CAMPAIGN, asking: 1 }));
    expect(await ledger.read((db) => approvedMails(db, second))).toMatchObject({ asking: 1, approved: 0 });
  },
);

testOnBoth("nothing of a campaign before an undo, or a purge, is approved", async ({ open }) => {
  const ledger = await open();
  const first = await begin(ledger, "run-1");
  await ledger.write((tx) => beginApproved(tx, first, CAMPAIGN));
  const undo = { userPoolId: POOL, destination: { kind: "workos" }, confirm: POOL } as const;
  const before = await known(ledger);
  await ledger.write((tx) => ownForUndo(tx, { ...undo, signedInSince: "keep" }, owner("undo"), before));
  const second = await begin(ledger, "run-2");
  expect(await ledger.read((db) => approvedMails(db, second))).toBeUndefined();
  await ledger.write((tx) => beginApproved(tx, second, CAMPAIGN));
  expect(await ledger.read((db) => approvedMails(db, second))).toBeDefined();
  const newest = await known(ledger);
  expect(await ledger.write((tx) => beginPurge(tx, newest, false))).not.toBeNull();
  expect(await ledger.read((db) => approvedMails(db, second))).toBeUndefined();
});
