import { expect } from "vitest";
import { standsInWay } from "../../src/activities/run-standing.ts";
import type { RunRef } from "../../src/domain/contract.ts";
import { moveCursor, takeCursor } from "../../src/ledger/cursors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { beginRedrive } from "../../src/ledger/redrive.ts";
import { disownMigration } from "../../src/ledger/runs.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { testOnBoth } from "../ledger/ledgers.ts";
import { ownedRun } from "./owned-run.ts";

const IDENTITY = { poolId: "eu-west-1_Example1", destinationKind: "workos", environment: "client_1" };
const FILE = migrationOf({
  source: { userPoolId: IDENTITY.poolId, region: "eu-west-1" },
  destination: { kind: "workos" },
});

const opened = (ledger: Ledger, firstRunId: string) => ownedRun(ledger, IDENTITY, FILE, firstRunId);

async function walked(ledger: Ledger, run: RunRef, name: string): Promise<void> {
  const id = { migrationId: run.migrationId, generation: run.generation, name };
  await takeCursor(ledger, id, 1);
  await ledger.write((tx) => moveCursor(tx, id, 1, { position: null, done: true, counters: {} }));
}

const codeOf = async (...asked: Parameters<typeof standsInWay>) =>
  (await standsInWay(...asked))?.code ?? null;

testOnBoth("the newest run goes on, with what it builds on", async ({ open }) => {
  const ledger = await open();
  const run = await opened(ledger, "first");
  expect(await codeOf(ledger, run, null)).toBeNull();
  expect(await codeOf(ledger, run, "assess")).toBe("ledger_restored");
  await walked(ledger, run, "assess");
  expect(await codeOf(ledger, run, "assess")).toBeNull();
  expect(await codeOf(ledger, run, "snapshot")).toBe("ledger_restored");
  await walked(ledger, run, "snapshot");
  expect(await codeOf(ledger, run, "snapshot")).toBeNull();
  expect(await codeOf(ledger, run, "plan")).toBe("ledger_restored");
  await walked(ledger, run, "plan");
  expect(await codeOf(ledger, run, "plan")).toBeNull();
});

testOnBoth("a run that has closed can be closed again: its answer may have been lost", async ({ open }) => {
  const ledger = await open();
  const run = await opened(ledger, "first");
  await walked(ledger, run, "plan");
  await ledger.write((tx) => disownMigration(tx, run.migrationId, run.firstRunId));
  expect(await codeOf(ledger, run, "plan")).toBeNull();
});

testOnBoth(
  "an earlier run does nothing after a later one has begun, and a later one builds on its own walks",
  async ({ open }) => {
    const ledger = await open();
    const first = await opened(ledger, "first");
    await walked(ledger, first, "snapshot");
    const second = await opened(ledger, "second");
    expect(await codeOf(ledger, first, null)).toBe("run_overtaken");
    expect(await codeOf(ledger, second, null)).toBeNull();
    expect(await codeOf(ledger, second, "snapshot")).toBe("ledger_restored");
  },
);

testOnBoth("a run of which a restored ledger knows nothing does nothing", async ({ open }) => {
  const ledger = await open();
  const first = await opened(ledger, "first");
  expect(await codeOf(ledger, { ...first, generation: 2, firstRunId: "second" }, null)).toBe(
    "ledger_restored",
  );
  expect(await codeOf(ledger, { ...first, migrationId: 9 }, null)).toBe("ledger_restored");
});

testOnBoth("a redrive of which a restored ledger knows nothing does nothing", async ({ open }) => {
  const ledger = await open();
  const run = await opened(ledger, "first");
  await walked(ledger, run, "plan");
  await ledger.write((tx) => disownMigration(tx, run.migrationId, run.firstRunId));
  const redrive: RunRef = { ...run, firstRunId: "second", asksAgain: true };
  expect(await codeOf(ledger, redrive, "plan")).toBe("ledger_restored");
  // Nor where the back-up knows of one from before.
  await ledger.write((tx) => beginRedrive(tx, run, "earlier"));
  expect(await codeOf(ledger, redrive, "plan")).toBe("ledger_restored");
  await ledger.write((tx) => beginRedrive(tx, run, redrive.firstRunId));
  expect(await codeOf(ledger, redrive, "plan")).toBeNull();
});

testOnBoth(
  "of two runs that got the same number the one that owns the migration goes on",
  async ({ open }) => {
    const ledger = await open();
    const run = await opened(ledger, "after the restore");
    expect(await codeOf(ledger, { ...run, firstRunId: "before it" }, null)).toBe("run_overtaken");
    expect(await codeOf(ledger, run, null)).toBeNull();
  },
);
