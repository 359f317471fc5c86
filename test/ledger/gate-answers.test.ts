import { expect } from "vitest";
import {
  forgetOtherAnswers,
  type GateAnswer,
  keepAnswers,
  keptAnswers,
} from "../../src/ledger/gate-answers.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { findMigration, type OwnedRun, ownForUndo, ownMigration } from "../../src/ledger/runs.ts";
import { fileOf } from "../plan/findings/set-ups.ts";
import { testOnBoth } from "./ledgers.ts";

const POOL = "eu-west-1_gateanswers";
const FILE = fileOf({ source: { region: "eu-west-1", userPoolId: POOL } });
const IDENTITY = { poolId: POOL, destinationKind: "workos", environment: "client_01" };
const UNDO = {
  userPoolId: POOL,
  destination: { kind: "workos" },
  confirm: POOL,
  signedInSince: "keep",
} as const;

const APPLE: GateAnswer = {
  name: "Apple",
  state: "skipped",
  reason: "nobody uses it",
  configured: "type:x",
  fault: "not_configured",
  found: null,
};
const OKTA: GateAnswer = { ...APPLE, name: "Okta", state: "verified", reason: "by hand" };

function owner(firstRunId: string) {
  return { namespace: "default", workflowId: `migrate-${POOL}`, firstRunId };
}

function runOf(owned: OwnedRun | undefined) {
  if (owned === undefined) throw new Error("Somebody else was faster.");
  return { migrationId: owned.id, generation: owned.generation };
}

async function begin(ledger: Ledger, firstRunId: string) {
  const known = await ledger.read((db) => findMigration(db, IDENTITY));
  return runOf(await ledger.write((tx) => ownMigration(tx, IDENTITY, FILE, owner(firstRunId), known)));
}

async function undo(ledger: Ledger) {
  const known = await ledger.read((db) => findMigration(db, IDENTITY));
  if (known === undefined) throw new Error("There is no migration.");
  await ledger.write((tx) => ownForUndo(tx, UNDO, owner("undo"), known));
}

testOnBoth("what the gate was told holds for later runs, and not as news for its own", async ({ open }) => {
  const ledger = await open();
  const first = await begin(ledger, "run-1");
  await ledger.write((tx) => keepAnswers(tx, first, [APPLE]));
  await ledger.write((tx) => keepAnswers(tx, first, [{ ...APPLE, reason: "turned off" }, OKTA]));
  expect(await ledger.read((db) => keptAnswers(db, first))).toEqual([]);
  const second = await begin(ledger, "run-2");
  expect(await ledger.read((db) => keptAnswers(db, second))).toEqual([
    { ...APPLE, reason: "turned off" },
    OKTA,
  ]);
});

testOnBoth("what holds no more is forgotten, but for what this run was told", async ({ open }) => {
  const ledger = await open();
  const first = await begin(ledger, "run-1");
  await ledger.write((tx) => keepAnswers(tx, first, [APPLE, OKTA]));
  const second = await begin(ledger, "run-2");
  await ledger.write((tx) => keepAnswers(tx, second, [{ ...APPLE, name: "Google" }]));
  await ledger.write((tx) => forgetOtherAnswers(tx, second, ["Okta"]));
  const third = await begin(ledger, "run-3");
  const names = async () => (await ledger.read((db) => keptAnswers(db, third))).map(({ name }) => name);
  expect(await names()).toEqual(["Google", "Okta"]);
  await ledger.write((tx) => forgetOtherAnswers(tx, third, []));
  expect(await names()).toEqual([]);
});

testOnBoth("an undo takes back what the gate was told before it", async ({ open }) => {
  const ledger = await open();
  const first = await begin(ledger, "run-1");
  await ledger.write((tx) => keepAnswers(tx, first, [APPLE]));
  await undo(ledger);
  const next = await begin(ledger, "run-2");
  expect(await ledger.read((db) => keptAnswers(db, next))).toEqual([]);
});
