import { expect, test } from "vitest";
import { identitiesOf } from "../doubles/pool/people.ts";
import { FILE, nth, SEVERAL, tenants } from "./changing-pool.ts";
import { accountOf, again, cancelledAfter, migrated, USERS } from "./migrated.ts";
import { setStage } from "./stage.ts";
import { until } from "./until.ts";

/** Accounts that no later run deletes, whatever became of whom they were made for. */

const DELETES = { disabledLater: "delete", deletedLater: "delete" } as const;
const IDENTITY = identitiesOf("Google", "118");

test("whose address somebody has whom a link took elsewhere", async () => {
  const stage = await migrated({ ...FILE, users: DELETES });
  const [barred, heir, linked] = [nth(stage.pool, 5), nth(stage.pool, 6), nth(stage.pool, 7)];
  const { email = "" } = barred.attributes;
  Object.assign(heir.attributes, { email, email_verified: "false", identities: IDENTITY });
  linked.attributes.identities = IDENTITY;
  barred.enabled = false;
  await again(stage);
  expect(accountOf(stage, barred.sub).email).toBe(email);
});

test("which stands for somebody else who holds the same identity", async () => {
  const pool = tenants(USERS);
  const people = [nth(pool, 5), nth(pool, 6)];
  for (const { attributes } of people) attributes.identities = IDENTITY;
  const stage = await migrated({ ...FILE, users: DELETES }, pool);
  const keys = new Set([...stage.workos.users.values()].map(({ external_id }) => external_id));
  const [primary, ...others] = people.filter(({ sub }) => keys.has(sub));
  if (primary === undefined) throw new Error("Neither of the two was imported.");
  expect(others).toEqual([]);
  pool.users.splice(pool.users.indexOf(primary), 1);
  await again(stage);
  expect(accountOf(stage, primary.sub).email).toBe(primary.attributes.email);
});

test.each(["gone", "disabled"])(
  "which has another address than its owner had, who is %s, and somebody has it today",
  async (how) => {
    const stage = await migrated({ ...FILE, users: DELETES });
    const { pool } = stage;
    const [owner, heir] = [nth(pool, 5), nth(pool, 6)];
    const { email = "" } = owner.attributes;
    owner.attributes.email = "moved@example.com";
    await again(stage);
    if (how === "gone") pool.users.splice(pool.users.indexOf(owner), 1);
    else owner.enabled = false;
    heir.attributes.email = email;
    await again(stage);
    expect(accountOf(stage, owner.sub).email).toBe(email);
  },
);

test("which was there before, and whose adoption was cut off", async () => {
  const pool = tenants(USERS);
  const users = { onExisting: "adopt", ...DELETES } as const;
  const stage = await setStage({ pool, file: { ...FILE, users }, workos: SEVERAL });
  const adopted = nth(pool, 0);
  // A moment ago: by its age it might be of this migration's making.
  stage.workos.seed([{ email: adopted.attributes.email ?? "", email_verified: true }]);
  stage.workos.faults.add({
    match: { operation: "updateUser" },
    times: 1_000,
    effect: { kind: "reset_after_effect" },
  });
  // Nor does a look tell what became of it.
  stage.workos.faults.add({
    match: { operation: "getUserByExternalId", after: 1 },
    times: 1_000,
    effect: { kind: "status", status: 503 },
  });
  await stage.work();
  await cancelledAfter(stage, "updateUser");
  expect(accountOf(stage, adopted.sub).external_id).toBe(adopted.sub);
  adopted.enabled = false;
  await again(stage);
  expect(accountOf(stage, adopted.sub).email).toBe(adopted.attributes.email);
});

test("whose owner is enabled again while the removal is tried once more", async () => {
  const stage = await migrated();
  const barred = nth(stage.pool, 5);
  barred.enabled = false;
  stage.file.users = { disabledLater: "delete" };
  stage.workos.faults.add({
    match: { operation: "deleteUser" },
    times: 2,
    effect: { kind: "status", status: 503 },
  });
  const { entries } = stage.workos.journal;
  const since = entries.length;
  const run = await stage.start();
  const called = () => entries.slice(since).some(({ operation }) => operation === "deleteUser");
  await until("the removal is tried", called, 30_000);
  barred.enabled = true;
  await run.result();
  expect(accountOf(stage, barred.sub).email).toBe(barred.attributes.email);
  // Nobody knows whether the first try took effect: the next run looks.
  stage.workos.faults.clear();
  await again(stage);
  expect(stage.workos.users.size).toBe(USERS);
});
