import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { RunSummary } from "../../src/domain/contract.ts";
import { findMigrationInForce } from "../../src/ledger/runs.ts";
import { approveUpdate, resumeUpdate, skipProviderUpdate } from "../../src/workflows/messages.ts";
import { runCli } from "../commands/cli.ts";
import { startWorkosDouble, type WorkosDouble } from "../doubles/workos/double.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { dumpOf } from "./dump-of.ts";
import { standsAt } from "./same-as-fresh.ts";
import { progressOf, type Run, type Stage } from "./stage.ts";
import { until } from "./until.ts";
import { SAML_METADATA, setCredentialsStage } from "./with-credentials.ts";

/** One ledger, one pool, two environments of the destination: a rehearsal, then production. */

const LONG_TEST_MS = 240_000;
const USERS = 40;
const RESETS = { send: true, canary: 0, perSecond: 100, unverified: "skip", acceptMfaLoss: true } as const;

/** Where people go, with the settings that lead there. */
interface Place {
  workos: WorkosDouble;
  settings: Record<string, string>;
}

interface Scene {
  stage: Stage;
  staging: Place;
  production: Place;
  /** A command, with the settings of one place. */
  cli(place: Place, ...words: string[]): ReturnType<typeof runCli>;
}

async function setScene(): Promise<Scene> {
  const stage = await setCredentialsStage({
    poolId: freshPoolId("twice"),
    users: USERS,
    file: { passwordResets: RESETS },
  });
  const workos = await startWorkosDouble({
    clientId: "client_production",
    options: { limitScale: 100, key: "sk_live_production", samlMetadata: SAML_METADATA },
  });
  onTestFinished(() => workos.close());
  const production = {
    WORKOS_API_URL: workos.url,
    WORKOS_API_KEY: workos.key,
    WORKOS_CLIENT_ID: workos.clientId,
  };
  return {
    stage,
    staging: { workos: stage.workos, settings: {} },
    production: { workos, settings: production },
    cli: ({ settings }, ...words) => runCli(words, stage.folder, { ...stage.environment, ...settings }),
  };
}

/** A run through the gate and the approval of its mails, worked by a process with the settings of one place. */
async function migrated({ stage }: Scene, { settings }: Place): Promise<RunSummary> {
  const worker = stage.startWorker(settings);
  await worker.ready();
  const run = await stage.start();
  const ended = run.result();
  await Promise.race([ended, answered(run)]);
  const summary = await ended;
  await worker.end("SIGTERM");
  return summary;
}

async function answered(run: Run): Promise<void> {
  const missing = await until(
    "the gate waits",
    async () => {
      const { missingProviders } = await progressOf(run);
      return missingProviders.length > 0 ? missingProviders : null;
    },
    60_000,
  );
  for (const { name } of missing)
    await run.executeUpdate(skipProviderUpdate, { args: [{ name, reason: "not in this test" }] });
  await until(
    "the mails wait",
    async () => (await progressOf(run)).waitsFor?.code === "approval_resets",
    60_000,
  );
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
}

/** Who was mailed, each as often as they were. */
function mailed({ workos }: Place): string[] {
  return workos.journal.entries
    .filter(({ operation, status }) => operation === "createPasswordReset" && status === 201)
    .map(({ key }) => key ?? "")
    .sort();
}

function countsAt({ workos }: Place) {
  const { applications, connections, redirectUris } = workos.state();
  return [applications, connections, redirectUris].map(({ length }) => length);
}

/** Calls that arrived there. */
const callsAt = ({ workos }: Place) => workos.journal.entries.length;

function idMap(folder: string): string[] {
  return readFileSync(join(folder, "id-map.csv"), "utf8").trim().split("\n").slice(1);
}

test("after a rehearsal production gets everybody, and each environment tells its own", {
  timeout: LONG_TEST_MS,
}, async () => {
  const scene = await setScene();
  const { stage, staging, production, cli } = scene;
  const { poolId } = stage.pool;
  const rehearsed = await migrated(scene, staging);
  expect(rehearsed).toMatchObject({ failed: 0, open: 0, differences: 0 });
  expect(mailed(staging).length).toBeGreaterThan(0);
  const [before, calls] = [dumpOf(staging.workos), callsAt(staging)];

  const real = await migrated(scene, production);
  expect(real).toEqual({ ...rehearsed, environment: production.workos.clientId, times: expect.any(Object) });
  expect(standsAt(production.workos)).toEqual(standsAt(staging.workos));
  expect(countsAt(production)).toEqual(countsAt(staging));
  expect(mailed(production)).toEqual(mailed(staging));
  expect(callsAt(staging)).toBe(calls);
  expect(dumpOf(staging.workos)).toEqual(before);

  // Of several migrations, each command tells of the one that its settings lead to, or that is named.
  for (const place of [staging, production]) {
    const other = place === staging ? production : staging;
    const ids = new Set([...place.workos.users.values()].map(({ id }) => id));
    const reported = await cli(place, "report", "--out", `of-${place.workos.clientId}`, "--json");
    expect(reported).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(reported.stdout)).toMatchObject({ environment: place.workos.clientId });
    const map = idMap(join(stage.folder, `of-${place.workos.clientId}`));
    // Merged people have the account of another one.
    expect(new Set(map.map((line) => line.split(",")[1]))).toEqual(ids);
    const [sub = ""] = map[0]?.split(",") ?? [];
    const [own] = JSON.parse((await cli(place, "lookup", sub, "--json")).stdout);
    expect(ids).toContain(own.destinationId);
    const named = await cli(other, "lookup", sub, "--environment", place.workos.clientId, "--json");
    expect(JSON.parse(named.stdout)).toEqual([own]);
    const verified = await cli(place, "verify", poolId);
    expect(verified).toMatchObject({ code: 0, stderr: "" });
    expect(verified.stdout).toContain("the destination holds what was written");
  }
  const wrong = await cli(production, "verify", poolId, "--environment", staging.workos.clientId);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("this migration went to");

  // What is removed for good is named.
  const unnamed = await cli(production, "purge", poolId, "--confirm", poolId);
  expect(unnamed.code).toBe(2);
  expect(unnamed.stderr).toContain("choose one with --environment");

  const [there, callsThere] = [dumpOf(production.workos), callsAt(production)];
  const undone = await cli(staging, "undo", poolId, "--confirm", poolId);
  expect(undone).toMatchObject({ code: 0, stderr: "" });
  expect(staging.workos.users.size).toBe(0);
  expect(callsAt(production)).toBe(callsThere);
  expect(dumpOf(production.workos)).toEqual(there);
  const afterwards = await cli(production, "report", "--out", "afterwards", "--json");
  expect(JSON.parse(afterwards.stdout)).toMatchObject({
    mode: "run",
    environment: production.workos.clientId,
    byOutcome: { imported: real.imported },
  });
  const [sub = ""] = idMap(join(stage.folder, "afterwards"))[0]?.split(",") ?? [];
  const accountAt = async ({ workos }: Place) => {
    const told = await cli(production, "lookup", sub, "--environment", workos.clientId, "--json");
    return JSON.parse(told.stdout)[0].account;
  };
  expect(await accountAt(staging)).toBeNull();
  expect(await accountAt(production)).not.toBeNull();
  // The bridge moves people to where they stand, and nobody to where they were taken back.
  const inForce = ({ workos }: Place) =>
    stage.withLedger((ledger) =>
      ledger.read((db) =>
        findMigrationInForce(db, { poolId, destinationKind: "workos", environment: workos.clientId }),
      ),
    );
  expect(await inForce(production)).toMatchObject({ environment: production.workos.clientId });
  expect(await inForce(staging)).toBeUndefined();
  // The newest run was the undo, and its counts are shown wherever it is watched from.
  const watched = async (place: Place) => JSON.parse((await cli(place, "watch", poolId, "--json")).stdout);
  const shown = await watched(staging);
  expect(shown.totals.users).toMatchObject({ done: rehearsed.imported });
  expect(await watched(production)).toEqual(shown);
});

test("a worker of the other environment does nothing for an undo or a verification, and the run parks naming it", {
  timeout: LONG_TEST_MS,
}, async () => {
  const scene = await setScene();
  const { stage, staging, production } = scene;
  await migrated(scene, staging);
  await migrated(scene, production);
  const [atStaging, atProduction] = [callsAt(staging), callsAt(production)];
  const foreign = stage.startWorker(production.settings);
  await foreign.ready();
  const destination = { kind: "workos", environment: staging.workos.clientId };
  const begins = [
    () => stage.verify({ destination }),
    () => stage.undo({ destination }),
    () => stage.start({ destination }),
  ];
  for (const begin of begins) {
    const run = await begin();
    const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor, 60_000);
    expect(waits.code).toBe("foreign_worker");
    expect(waits.sentence).toContain(`${foreign.pid}@`);
    expect(waits.sentence).toContain(`workos=${staging.workos.clientId}`);
    await run.terminate();
  }
  expect(callsAt(production)).toBe(atProduction);
  expect(callsAt(staging)).toBe(atStaging);

  const run = await stage.undo({ destination });
  await until("the run parks", async () => (await progressOf(run)).waitsFor, 60_000);
  await foreign.end("SIGTERM");
  stage.startWorker();
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.result();
  expect(staging.workos.users.size).toBe(0);
  expect(callsAt(production)).toBe(atProduction);
});
