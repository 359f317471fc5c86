// long
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createRandom, type Random } from "../doubles/pool/random.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { startPostgres } from "../setup/postgres-server.ts";
import { dumpOf } from "./dump-of.ts";
import { FAST_PACE, type Stage } from "./stage.ts";
import { until } from "./until.ts";
import { pastTheGate, setCredentialsStage } from "./with-credentials.ts";

/** An undo is killed, and loses answers: the destination is as it was before all the same. */

const LONG_TEST_MS = 420_000;
const USERS = 200;
const ADOPTED = 12;
const KILLS = 5;
const SLOW_PACE = { ...FAST_PACE, writesPerSecond: 25 };

function breakCalls({ workos }: Stage, random: Random): void {
  const operations = [
    "deleteUser",
    "deleteMembership",
    "updateUser",
    "deleteApplication",
    "deleteOrganization",
  ];
  for (const operation of [...operations, "deleteConnection", "deleteRedirectUri"])
    workos.faults.add({
      match: { operation, after: random.int(4) },
      times: 2,
      effect: random.chance(0.5)
        ? { kind: "reset_after_effect" }
        : { kind: "status_after_effect", status: 502 },
    });
}

async function whole(random: Random, ledgerUrl?: string): Promise<void> {
  const stage = await setCredentialsStage({
    poolId: freshPoolId("undo"),
    users: USERS,
    file: { users: { onExisting: "adopt" }, pace: SLOW_PACE },
    ...(ledgerUrl === undefined ? {} : { ledgerUrl }),
  });
  const verified = stage.pool.users.filter(
    ({ attributes, enabled, status }) =>
      enabled && status === "CONFIRMED" && attributes.email_verified === "true" && attributes.email,
  );
  stage.workos.seed([
    ...verified.slice(0, ADOPTED).map(({ attributes }, index) => ({
      email: (attributes.email ?? "").trim().toLowerCase(),
      email_verified: true,
      ...(index % 2 === 0 ? { first_name: `Of before ${index}`, metadata: { theirs: "yes" } } : {}),
    })),
    { email: "stranger@example.com", email_verified: true, external_id: "a-stranger" },
  ]);
  const before = dumpOf(stage.workos);
  let worker = stage.startWorker();
  const run = await stage.start();
  if (random.chance(0.5)) await pastTheGate(run);
  else {
    // Cut off in the midst of its people: some of them are in doubt.
    void pastTheGate(run).catch(() => undefined);
    await until("people come", async () => stage.workos.users.size > USERS / 4, 120_000);
    await worker.end("SIGKILL");
    await run.cancel();
    worker = stage.startWorker();
    await run.result().catch(() => undefined);
  }
  breakCalls(stage, random);
  const undo = await stage.undo();
  let isOver = false;
  const ended = undo.result().finally(() => (isOver = true));
  for (let kill = 0; kill < KILLS && !isOver; kill += 1) {
    await sleep(1_000 + random.int(2_500));
    await worker.end("SIGKILL");
    worker = stage.startWorker();
  }
  const { of } = await ended;
  await worker.end("SIGTERM");
  const { redirectUris, ...others } = dumpOf(stage.workos);
  expect({ ...others, redirectUris: redirectUris.filter((uri) => !uri.default) }).toEqual(before);
  for (const { failed } of Object.values(of)) expect(failed).toEqual({});
  expect(of.user.kept).toEqual({});
}

test("killed five times, with calls whose answers are lost (SQLite)", { timeout: LONG_TEST_MS }, async () => {
  const seed = Number(process.env.SPILLWAY_SEED ?? randomInt(1_000_000));
  console.log(`seed: ${seed}`);
  await whole(createRandom(seed));
});

test("the same on PostgreSQL", { timeout: LONG_TEST_MS }, async () => {
  const seed = Number(process.env.SPILLWAY_SEED ?? randomInt(1_000_000));
  console.log(`seed: ${seed}`);
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  await whole(createRandom(seed), postgres.url);
});
