import { expect, test } from "vitest";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { passwordClient, withPasswords } from "../doubles/pool/passwords.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { auditRun, outcomes } from "./audit.ts";
import { creates, type Stage, setStage } from "./stage.ts";
import { startStageBridge } from "./stage-bridge.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 120_000;
const SEED = 3;

test("the import is killed in the middle of people, who sign in before it comes back", {
  timeout: LONG_TEST_MS,
}, async () => {
  const plain = plainPool({ users: 60, poolId: freshPoolId("meets") });
  const pool = { ...withPasswords(plain, SEED), clients: [passwordClient()] };
  const stage = await setStage({ pool });
  const { workos } = stage;
  workos.faults.add(
    // Made, and the import never hears of it.
    { match: { operation: "createUser", after: 20 }, times: 2, effect: { kind: "reset_after_effect" } },
    // Asked for, and not made.
    { match: { operation: "createUser", after: 20 }, times: 2, effect: { kind: "hang" } },
  );
  const worker = stage.startWorker();
  const run = await stage.start();
  const caught = () => creates(workos).filter(({ status }) => status === 0 || status === null);
  await until("people are caught", () => caught().length === 4);
  await worker.end("SIGKILL");

  const subs = await sending(stage);
  const people = pool.users.filter(({ sub }) => subs.includes(sub));
  expect(people.length).toBeGreaterThanOrEqual(4);
  const bridge = await startStageBridge(stage);
  expect(await Promise.all(people.map((person) => bridge.signIn(person)))).toEqual(people.map(() => 200));

  stage.startWorker();
  await auditRun(stage, await run.result());
  const ended = await outcomes(stage);
  for (const { sub, password = "" } of people)
    expect(workos.passwordIs(ended.get(sub)?.destinationId ?? "", password)).toBe(true);
});

/** Whom the import holds a claim on. */
async function sending(stage: Stage): Promise<string[]> {
  const items = await stage.withLedger((ledger) =>
    ledger.read((db) =>
      db
        .selectFrom("work_items")
        .select("key as sub")
        .where("phase", "=", "users")
        .where("state", "=", "sending")
        .execute(),
    ),
  );
  return items.map(({ sub }) => sub);
}
