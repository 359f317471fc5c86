import { expect, test } from "vitest";
import { readFindings } from "../../src/ledger/findings.ts";
import { NO_CHANGES } from "../workflows/changes.ts";
import { outcomes } from "./audit.ts";
import { changeInTwelveWays, FILE, nth, SEVERAL, tenants } from "./changing-pool.ts";
import { accountOf, again, membershipsOf, migrated, USERS } from "./migrated.ts";
import { freshOf, standsAt } from "./same-as-fresh.ts";
import { type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** A run after a completed one writes the difference, and nothing else. */

function writes({ workos }: Stage, since: number): string[] {
  const calls = workos.journal.entries.slice(since).map(({ operation }) => operation);
  return calls.filter((operation) => /^(create|update|delete|set|replace)/.test(operation ?? "")).sort();
}

test("a pool that changed in twelve ways comes to what a fresh migration of it makes", {
  timeout: 60_000,
}, async () => {
  const stage = await setStage({ pool: tenants(USERS), file: FILE, workos: SEVERAL });
  await stage.work();
  await (await stage.start()).result();
  changeInTwelveWays(stage.pool);
  stage.file.users = { disabledLater: "delete", deletedLater: "delete" };
  await (await stage.start()).result();
  const { organizations, ...stands } = standsAt(stage.workos);
  const { organizations: fresh, ...wanted } = await freshOf(stage);
  expect(stands).toEqual(wanted);
  expect(organizations).toEqual(expect.arrayContaining(fresh));
});

async function findingCodes(stage: Stage): Promise<string[]> {
  const found = await stage.withLedger((ledger) => ledger.read((db) => readFindings(db, 1)));
  return found.map(({ code }) => code);
}

test("what somebody changed at the destination stays, unless the file says otherwise", async () => {
  const stage = await migrated();
  const [changed, renamed] = [nth(stage.pool, 0), nth(stage.pool, 1)];
  Object.assign(accountOf(stage, changed.sub), { first_name: "Changed There" });
  changed.attributes.given_name = "Changed Here";
  changed.attributes["custom:plan"] = "paid";
  renamed.attributes.given_name = "Renamed";
  await again(stage);
  expect(accountOf(stage, changed.sub)).toMatchObject({
    first_name: "Changed There",
    metadata: { plan: "paid" },
  });
  expect(accountOf(stage, renamed.sub).first_name).toBe("Renamed");
  const ended = await outcomes(stage);
  expect(ended.get(changed.sub)).toMatchObject({ outcome: "imported", reason: "changed_there" });
  expect(ended.get(renamed.sub)).toMatchObject({ outcome: "imported", reason: null });

  stage.file.users = { changedThere: "overwrite" };
  await again(stage);
  expect(accountOf(stage, changed.sub).first_name).toBe("Changed Here");
  expect((await outcomes(stage)).get(changed.sub)).toMatchObject({ outcome: "imported", reason: null });
});

test("an address that changed is told, and written once a person says so", async () => {
  const stage = await migrated();
  const moved = nth(stage.pool, 2);
  const before = accountOf(stage, moved.sub).email;
  Object.assign(moved.attributes, { email: "somewhere.else@example.com", email_verified: "false" });
  await again(stage);
  expect(accountOf(stage, moved.sub)).toMatchObject({ email: before, email_verified: true });
  expect(await findingCodes(stage)).toContain("address_changed");

  stage.file.users = { decisions: { [moved.sub]: "readdress" } };
  await again(stage);
  expect(accountOf(stage, moved.sub)).toMatchObject({
    email: "somewhere.else@example.com",
    email_verified: false,
  });
  expect(await findingCodes(stage)).not.toContain("address_changed");
});

test("whoever is disabled loses the memberships that were made for them, or the account, as the file says", async () => {
  const stage = await migrated();
  const [barred, other] = [nth(stage.pool, 5), nth(stage.pool, 6)];
  const members = () => standsAt(stage.workos).members;
  barred.enabled = false;
  await again(stage);
  expect(members().some((member) => member.startsWith(barred.sub))).toBe(true);

  stage.file.users = { disabledLater: "removeMemberships" };
  await again(stage);
  expect(members().some((member) => member.startsWith(barred.sub))).toBe(false);
  expect(members().some((member) => member.startsWith(other.sub))).toBe(true);
  expect(accountOf(stage, barred.sub).email).toBe(barred.attributes.email);

  stage.file.users = { disabledLater: "delete" };
  await again(stage);
  expect(() => accountOf(stage, barred.sub)).toThrow();
  expect(stage.workos.users.size).toBe(USERS - 1);

  barred.enabled = true;
  await again(stage);
  expect(accountOf(stage, barred.sub).email).toBe(barred.attributes.email);
  expect(members().some((member) => member.startsWith(barred.sub))).toBe(true);
});

test("whoever is enabled again right before their removal keeps the account", async () => {
  const stage = await migrated();
  const barred = nth(stage.pool, 5);
  barred.enabled = false;
  stage.file.users = { disabledLater: "delete" };
  const asked = () =>
    stage.cognito.journal.entries.filter(({ operation }) => operation === "ListUsers").length;
  const walked = asked() + 1;
  stage.cognito.faults.add({
    match: { operation: "ListUsers", after: 1 },
    times: 1,
    effect: { kind: "delay", ms: 1_000 },
  });
  const run = await stage.start();
  await until("they are looked up", () => asked() > walked, 30_000);
  barred.enabled = true;
  await run.result();
  expect(accountOf(stage, barred.sub).email).toBe(barred.attributes.email);
});

test("whose removal Cognito alone says nothing about keeps the account, and that of others goes", async () => {
  const stage = await migrated();
  const [silent, barred] = [nth(stage.pool, 5), nth(stage.pool, 6)];
  for (const person of [silent, barred]) person.enabled = false;
  stage.cognito.setOptions({ brokenFilter: { matches: silent.sub, error: "InternalErrorException" } });
  stage.file.users = { disabledLater: "delete" };
  await again(stage);
  expect(accountOf(stage, silent.sub).email).toBe(silent.attributes.email);
  expect(() => accountOf(stage, barred.sub)).toThrow();
  stage.cognito.setOptions({ brokenFilter: null });
  await again(stage);
  expect(() => accountOf(stage, silent.sub)).toThrow();
});

test("an account that was there before is never deleted, nor one whose address others share", async () => {
  const pool = tenants(USERS);
  const stage = await setStage({
    pool,
    file: { ...FILE, users: { onExisting: "adopt", disabledLater: "delete", deletedLater: "delete" } },
    workos: SEVERAL,
  });
  const [adopted, gone] = [nth(pool, 0), nth(pool, 1)];
  stage.workos.seed([
    { email: adopted.attributes.email ?? "", email_verified: true },
    { email: gone.attributes.email ?? "", email_verified: true },
  ]);
  await stage.work();
  await again(stage);
  adopted.enabled = false;
  pool.users.splice(pool.users.indexOf(gone), 1);
  await again(stage);
  expect(accountOf(stage, adopted.sub).email).toBe(adopted.attributes.email);
  expect(accountOf(stage, gone.sub).email).toBe(gone.attributes.email);
});

test("a pilot removes nothing, nor those whom it selects", async () => {
  const stage = await migrated();
  const [barred, gone, pilot] = [nth(stage.pool, 5), nth(stage.pool, 6), nth(stage.pool, 7)];
  barred.enabled = false;
  stage.pool.users.splice(stage.pool.users.indexOf(gone), 1);
  Object.assign(stage.file, {
    users: { disabledLater: "delete", deletedLater: "delete" },
    only: { subs: [pilot.sub, barred.sub] },
  });
  const before = standsAt(stage.workos);
  await again(stage);
  expect(standsAt(stage.workos)).toEqual(before);
});

test("a dry run tells what a run would do, which then does just that", async () => {
  const stage = await migrated();
  changeInTwelveWays(stage.pool);
  Object.assign(stage.file, { dryRun: true, users: { disabledLater: "delete", deletedLater: "delete" } });
  const before = standsAt(stage.workos);
  const { changes: planned } = await again(stage);
  expect(standsAt(stage.workos)).toEqual(before);
  const told = ["disabled_removed", "deleted_removed", "memberships_removed"];
  expect(await findingCodes(stage)).toEqual(expect.arrayContaining(told));
  stage.file.dryRun = false;
  const { changes: written } = await again(stage);
  expect(written).toEqual(planned);
  expect(written?.users).toEqual({ made: 1, changed: 5, removed: 2 });
});

test("a run after which nothing changed writes nothing", { timeout: 60_000 }, async () => {
  const stage = await setStage({ pool: tenants(USERS), file: FILE, workos: SEVERAL });
  await stage.work();
  await (await stage.start()).result();
  const since = stage.workos.journal.entries.length;
  const { changes } = await again(stage);
  expect(writes(stage, since)).toEqual([]);
  expect(changes).toEqual(NO_CHANGES);
});

test("an account that was merged since keeps the memberships of its person alone", async () => {
  const stage = await migrated();
  const [one, other] = [nth(stage.pool, 0), nth(stage.pool, 1)];
  const { email = "" } = one.attributes;
  other.attributes.email = email;
  await again(stage);
  expect((await outcomes(stage)).get(other.sub)).toMatchObject({ mergedInto: one.sub });
  expect(membershipsOf(stage, other.sub)).toHaveLength(1);
  delete other.attributes["custom:tenant"];
  await again(stage);
  expect(membershipsOf(stage, one.sub)).toHaveLength(1);
  expect(membershipsOf(stage, other.sub)).toEqual([]);
});
