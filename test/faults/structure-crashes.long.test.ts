import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { secretName } from "../../src/plan/keys.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import type { Pool, PoolClient, PoolProvider } from "../doubles/pool/pool.ts";
import { createRandom } from "../doubles/pool/random.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { auditRun } from "./audit.ts";
import { recordFigures } from "./figures.ts";
import { FAST_PACE, type Stage } from "./stage.ts";
import { auditStructure, mergedAccounts } from "./structure-audit.ts";
import { until } from "./until.ts";
import { setCredentialsStage } from "./with-credentials.ts";

const LONG_TEST_MS = 400_000;
const PROVIDERS = 8;
const CLIENTS = 10;
const TENANTS = 40;

const stored = z.record(z.string(), z.object({ clientId: z.string(), clientSecret: z.string() }));

/** Much to make besides people: connections, confidential applications, organizations. */
function busyPool(poolId: string): Pool {
  const pool = makePool({ users: 240, seed: 9, poolId, providers: true });
  const oidc = pool.identityProviders.find(({ name }) => name === "CorpOIDC");
  const office = pool.clients.find(({ name }) => name === "back-office");
  if (oidc === undefined || office === undefined) throw new Error("The pool has changed.");
  const identityProviders = Array.from(
    { length: PROVIDERS },
    (_, n): PoolProvider => ({ ...oidc, name: `Oidc${n}` }),
  );
  const clients = Array.from(
    { length: CLIENTS },
    (_, n): PoolClient => ({
      ...office,
      id: `office${n}`.padEnd(26, "0"),
      name: `office-${n}`,
      callbackUrls: [`https://office${n}.example.com/callback`],
    }),
  );
  for (const [index, user] of pool.users.entries())
    if (user.attributes.sub !== undefined) user.attributes["custom:tenant"] = `tenant-${index % TENANTS}`;
  return { ...pool, identityProviders, clients };
}

test("ten kills while everything is made make nothing twice", { timeout: LONG_TEST_MS }, async () => {
  const seed = randomInt(1_000_000);
  console.log(`seed of the kills: ${seed}`);
  const random = createRandom(seed);
  const pool = busyPool(freshPoolId("kills"));
  const stage = await setCredentialsStage({
    poolId: pool.poolId,
    pool,
    workos: { lookupLagMs: 800 },
    file: {
      providers: Object.fromEntries(
        pool.identityProviders.map(({ name }, n) => [name, { organization: `tenant-${n}` }]),
      ),
      clients: {},
      pace: { ...FAST_PACE, writesPerSecond: 25 },
    },
  });
  disturb(stage);
  let worker = stage.startWorker();
  const run = await stage.start();
  for (const operation of STEPS) {
    const more = countOf(stage, operation) + 1 + random.int(2);
    await until(`${operation} is called`, () => countOf(stage, operation) >= more, LONG_TEST_MS);
    await sleep(random.int(60));
    await worker.end("SIGKILL");
    worker = stage.startWorker();
  }
  await auditRun(stage, await run.result());
  auditStructure(stage, await mergedAccounts(stage));

  const state = stage.workos.state();
  expect(Object.keys(state.createdConnections)).toHaveLength(PROVIDERS);
  expect(Object.keys(state.createdApplications)).toHaveLength(CLIENTS);
  const kept = stored.parse(JSON.parse(readFileSync(join(stage.folder, "secrets.json"), "utf8")));
  expect(Object.keys(kept)).toHaveLength(CLIENTS);
  for (const application of state.applications) {
    const alive = state.clientSecrets.filter(
      (secret) => secret.application_id === application.id && secret.deleted_at === null,
    );
    const clientId = application.description?.replace("cognito:", "") ?? "";
    const name = secretName(pool.poolId, stage.workos.clientId, clientId);
    expect(alive.map(({ secret }) => secret)).toEqual([kept[name]?.clientSecret]);
    expect(kept[name]?.clientId).toBe(application.client_id);
  }
  recordFigures("SIGKILL at 10 random moments while structure is made", {
    connections: PROVIDERS,
    applications: CLIENTS,
    organizations: Object.keys(state.createdOrganizations).length,
    memberships: Object.keys(state.createdMemberships).length,
    madeTwice: 0,
    secretsLost: 0,
  });
});

/** A kill soon after each of these was called. */
const STEPS = [
  "createOrganization",
  "createConnection",
  "createRedirectUri",
  "createApplication",
  "createClientSecret",
  "createClientSecret",
  "createRole",
  "createOrganization",
  "createMembership",
  "createMembership",
];

function countOf({ workos }: Stage, operation: string): number {
  return workos.journal.entries.filter((entry) => entry.operation === operation).length;
}

/** Now and then a call takes effect and its answer is lost. */
function disturb({ workos }: Stage): void {
  for (const operation of new Set(STEPS))
    workos.faults.add(
      { match: { operation, after: 1 }, times: 1, effect: { kind: "status_after_effect", status: 502 } },
      { match: { operation, after: 3 }, times: 1, effect: { kind: "reset_after_effect" } },
    );
}
