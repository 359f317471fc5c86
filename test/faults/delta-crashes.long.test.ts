import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { createRandom, type Random } from "../doubles/pool/random.ts";
import { changeAtRandom, FILE, SEVERAL, tenants } from "./changing-pool.ts";
import { freshOf, standsAt } from "./same-as-fresh.ts";
import { FAST_PACE, progressOf, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** People live on while runs are killed and cancelled: the last run ends where a fresh migration of the pool would. */

const LONG_TEST_MS = 240_000;
const USERS = 60;
const HISTORIES = Number(process.env.HISTORIES ?? 4);
const SLOW_PACE = { ...FAST_PACE, writesPerSecond: 30 };
const POLICY = { disabledLater: "delete", deletedLater: "delete", changedThere: "overwrite" } as const;
const MAPPINGS: readonly Partial<MigrationFile>[] = [
  FILE,
  { ...FILE, attributes: { "custom:plan": "tier" }, metadata: { origin: { constant: "cognito" } } },
];

/** Calls that take effect, and of which nobody hears. */
function breakCalls({ workos }: Stage, random: Random): void {
  const operations = [
    "createUser",
    "updateUser",
    "deleteUser",
    "createMembership",
    "updateMembership",
    "deleteMembership",
  ];
  for (const operation of operations)
    workos.faults.add({
      match: { operation, after: random.int(6) },
      times: 1 + random.int(3),
      effect: random.chance(0.5)
        ? { kind: "reset_after_effect" }
        : { kind: "status_after_effect", status: 502 },
    });
}

/** A run that is killed, and cancelled or ended. */
async function troubledRun(stage: Stage, random: Random): Promise<void> {
  breakCalls(stage, random);
  const run = await stage.start();
  let worker = stage.startWorker();
  for (let kill = random.int(3); kill > 0; kill -= 1) {
    await sleep(1_500 + random.int(2_500));
    await worker.end("SIGKILL");
    for (let changes = random.int(6); changes > 0; changes -= 1) changeAtRandom(stage.pool, random);
    worker = stage.startWorker();
  }
  if (random.int(2) === 0) {
    await until("it works", async () => (await progressOf(run)).phase !== "assess", 60_000);
    await sleep(random.int(3_000));
    await run.cancel();
  }
  await run.result().catch(() => undefined);
  await worker.end("SIGKILL");
}

test.each(Array.from({ length: HISTORIES }, (_, index) => index))(
  "history %s",
  { timeout: LONG_TEST_MS },
  async () => {
    const seed = randomInt(1_000_000_000);
    console.log(`seed of the history: ${seed}`);
    const random = createRandom(seed);
    const stage = await setStage({ pool: tenants(USERS), file: { ...FILE, users: POLICY }, workos: SEVERAL });
    for (let runs = 2 + random.int(2); runs > 0; runs -= 1) {
      Object.assign(stage.file, MAPPINGS[random.int(MAPPINGS.length)], { pace: SLOW_PACE, metadata: {} });
      await troubledRun(stage, random);
      for (let changes = random.int(12); changes > 0; changes -= 1) changeAtRandom(stage.pool, random);
    }
    stage.workos.faults.clear();
    Object.assign(stage.file, { pace: FAST_PACE });
    await stage.work();
    await (await stage.start()).result();
    const { organizations, roles, ...stands } = standsAt(stage.workos);
    const { organizations: wanted, roles: needed, ...fresh } = await freshOf(stage);
    expect(stands).toEqual(fresh);
    expect(organizations).toEqual(expect.arrayContaining(wanted));
    expect(roles).toEqual(expect.arrayContaining(needed));
  },
);
