import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import { startSecretsManagerDouble } from "../doubles/secrets-manager/double.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { type Stage, setStage } from "./stage.ts";
import { stopBetweenTransactions } from "./stop-worker.ts";
import { until } from "./until.ts";
import { setCredentialsStage } from "./with-credentials.ts";

const LONG_TEST_MS = 120_000;
const kept = z.object({ client_id: z.string(), client_secret: z.string(), secret_id: z.string() });
const details = z.object({ secretId: z.string() });

/** One confidential application, and nothing that a gate would wait for. */
async function setApplicationStage(poolId: string): Promise<Stage> {
  const made = makePool({ users: 20, seed: 5, poolId, providers: true });
  const clients = made.clients.filter(({ name }) => name === "back-office");
  const pool = { ...made, clients, identityProviders: [] };
  return setCredentialsStage({ poolId, pool, file: { providers: {}, clients: {} } });
}

/** The id of the secret that counts, as the ledger has it. */
function secretInLedger(stage: Stage): Promise<string> {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    const row = await ledger.read((db) =>
      db
        .selectFrom("placed")
        .select("details")
        .where("migration_id", "=", migration?.id ?? 0)
        .where("kind", "=", "application")
        .executeTakeFirstOrThrow(),
    );
    return details.parse(JSON.parse(row.details ?? "null")).secretId;
  });
}

test("a worker that wakes up inside of a put leaves the living secret", {
  timeout: LONG_TEST_MS,
}, async () => {
  const secrets = await startSecretsManagerDouble();
  onTestFinished(() => secrets.close());
  const stage = await setApplicationStage(freshPoolId("sleep"));
  const settings = {
    SPILLWAY_SECRETS: "aws-secrets-manager:spillway/",
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  };
  const ofApplication = (operation: string) =>
    secrets.journal.entries.filter((entry) => entry.operation === operation).slice(1);
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  // The first one is the proof that secrets can be written.
  const operation = "CreateSecret";
  secrets.faults.add({ match: { operation, after: 1 }, times: 1, effect: { kind: "hold", until: awake } });

  const sleeper = stage.startWorker(settings);
  const run = await stage.start();
  await until("a secret is put", () => ofApplication(operation).length === 1);
  await stopBetweenTransactions(sleeper, join(stage.folder, "ledger.db"));
  stage.startWorker(settings);
  const removed = () => stage.workos.state().clientSecrets.filter(({ deleted_at }) => deleted_at !== null);
  await until("another worker replaced the secret", () => removed().length === 1);
  wake();
  sleeper.signal("SIGCONT");
  await until("the sleeper goes on", () => ofApplication("UpdateSecretVersionStage").length > 0);
  await run.result();

  const alive = stage.workos.state().clientSecrets.filter(({ deleted_at }) => deleted_at === null);
  expect(alive).toHaveLength(1);
  const stored = secrets.secrets.all.find(({ name }) => !name.endsWith("write-check"));
  const current = [...(stored?.versions.values() ?? [])].find(({ stages }) => stages.has("AWSCURRENT"));
  const { client_secret, secret_id } = kept.parse(JSON.parse(current?.text ?? "null"));
  expect(client_secret).toBe(alive[0]?.secret);
  expect(await secretInLedger(stage)).toBe(secret_id);
});

test("a look at the pool that wakes up in the next run replaces nothing", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 20, poolId: freshPoolId("look") });
  const stage = await setStage({ pool });
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  // The last thing that is asked before what was read is kept.
  const operation = "listUsers";
  stage.workos.faults.add({ match: { operation }, times: 1, effect: { kind: "hold", until: awake } });
  const sleeper = stage.startWorker();
  const first = await stage.start();
  const asked = () => stage.workos.journal.entries.some((entry) => entry.operation === operation);
  await until("the destination is asked", asked);
  // Asleep while it waits to write.
  const lock = new DatabaseSync(join(stage.folder, "ledger.db"), { timeout: 2_000 });
  lock.exec("begin immediate");
  wake();
  await sleep(700);
  sleeper.signal("SIGSTOP");
  await sleep(50);
  lock.exec("rollback");
  lock.close();
  await first.terminate("by hand");

  stage.startWorker();
  const next = await stage.start();
  const readBy = () =>
    stage.withLedger(async (ledger) => {
      const rows = await ledger.read((db) => db.selectFrom("configuration").select("generation").execute());
      return new Set(rows.map(({ generation }) => generation));
    });
  await until("the next run has looked", async () => (await readBy()).has(2));
  sleeper.signal("SIGCONT");
  await next.result();
  // For it to find out that it is late.
  await sleep(2_000);
  expect(await readBy()).toEqual(new Set([2]));
});
