import { join } from "node:path";
import { expect, test } from "vitest";
import { readFindings } from "../../src/ledger/findings.ts";
import { liveTotals } from "../../src/ledger/live-totals.ts";
import { migrationsOfPool, runOf } from "../../src/ledger/runs.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import type { Pool, PoolUser } from "../doubles/pool/pool.ts";
import { outcomes } from "../faults/audit.ts";
import { type Stage, setStage } from "../faults/stage.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { NO_CHANGES } from "./changes.ts";

/** What a pool should never hold, and what a program should take all the same. */

const LEDGERS: [string, () => Promise<string>][] = [
  ["SQLite", async () => `sqlite:${join(freshFolder(), "ledger.db")}`],
  ["PostgreSQL", freshPostgresDatabase],
];

async function runToEnd(stage: Stage) {
  const run = await stage.start();
  return run.result();
}

/** Each by the attributes and the username that make them odd. */
const ODD = {
  kelvin: { email: "\u212aim@example.com" },
  nulAddress: { email: "k\u0000im@example.com" },
  halfAddress: { email: "\ud800kim@example.com" },
  nulTenant: { "custom:tenant": "acme\u0000" },
  otherTenant: { "custom:tenant": "acme\ud800" },
  nulIdentity: { identities: JSON.stringify([{ providerName: "G\u0000", userId: "\u0000" }]) },
  otherIdentity: { identities: JSON.stringify([{ providerName: "G\u0000", userId: "\ufffd" }]) },
  large: { "custom:plan": "\u0000".repeat(2_048), given_name: "\u0000" },
  nameless: { sub: "" },
  alsoNameless: { sub: "" },
} as const;

function oddPool(): Pool {
  const pool = plainPool({
    users: 40,
    poolId: `eu-west-1_odd${process.pid}x${Math.random().toString(36).slice(2, 8)}`,
  });
  for (const [index, odd] of Object.values(ODD).entries())
    Object.assign(pool.users[index]?.attributes ?? {}, odd);
  const [first] = pool.users;
  const last = pool.users.at(-1);
  if (first === undefined || last === undefined) throw new Error("The pool is empty.");
  first.username = "na\u0000me";
  last.attributes.email = "kim@example.com";
  pool.attributeNames.push("custom:tenant", "custom:plan");
  return pool;
}

const subOf = (pool: Pool, name: keyof typeof ODD) => pool.users[Object.keys(ODD).indexOf(name)]?.sub ?? "";

test.each(LEDGERS)("nobody odd stops a pool, or is lost (%s)", async (_, ledgerUrl) => {
  const pool = oddPool();
  const stage = await setStage({
    pool,
    ledgerUrl: await ledgerUrl(),
    cognito: { pages: { short: true }, killTokensAfterPages: 2 },
  });
  await stage.work();
  const summary = await runToEnd(stage);
  expect(summary).toMatchObject({ listed: 40, imported: 35, skipped: 5, failed: 0, open: 0 });
  const ended = await outcomes(stage);
  for (const name of ["kelvin", "nulAddress", "halfAddress"] as const)
    expect(ended.get(subOf(pool, name))).toMatchObject({ outcome: "skipped", reason: "email_refused" });
  const nameless = [...ended.values()].filter(({ sub }) => sub.startsWith("nosub:"));
  expect(nameless.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ["skipped", "no_sub"],
    ["skipped", "no_sub"],
  ]);
  const made = [...stage.workos.users.values()];
  expect(made.map((user) => user.email).filter((email) => /kim/i.test(email))).toEqual(["kim@example.com"]);
  expect(made.filter((user) => user.external_id === pool.users.at(-1)?.sub)).toHaveLength(1);

  await stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, pool.poolId));
    if (migration === undefined) throw new Error("There is no migration.");
    const totals = await ledger.read((db) => liveTotals(db, runOf(migration)));
    expect(totals.snapshot).toEqual({ done: 40, failed: 0, skipped: 0, of: 40 });
    expect(totals.plan).toMatchObject({ of: 40 });
    expect(await writeReport(ledger, migration, freshFolder())).toMatchObject({ listed: 40 });
  });
  expect(await runToEnd(stage)).toEqual({ ...summary, changes: NO_CHANGES, times: expect.any(Object) });
});

test.each(LEDGERS)(
  "odd names and attributes go out as Cognito has them, and what WorkOS refuses is told (%s)",
  async (_, ledgerUrl) => {
    const pool = plainPool({
      users: 6,
      poolId: `eu-west-1_names${process.pid}x${Math.random().toString(36).slice(2, 8)}`,
    });
    const [nul, half, halfPlan, whole] = pool.users;
    if (nul === undefined || half === undefined || halfPlan === undefined || whole === undefined)
      throw new Error("The pool is too small.");
    pool.attributeNames.push("custom:plan");
    Object.assign(nul.attributes, {
      given_name: "A\u0000da",
      family_name: "\u0000",
      "custom:plan": "go\u0000ld",
    });
    Object.assign(half.attributes, { given_name: "A\ud800da", family_name: "\udc00", "custom:plan": "gold" });
    Object.assign(halfPlan.attributes, { given_name: "Ada", family_name: "L", "custom:plan": "go\ud800ld" });
    Object.assign(whole.attributes, { given_name: "\u{1f642}", family_name: "L", "custom:plan": "gold" });
    pool.groups.push({ name: "staff", description: "\u0000\ud800", precedence: null, members: [nul.sub] });
    const stage = await setStage({
      pool,
      ledgerUrl: await ledgerUrl(),
      file: { organizations: { from: "fixed", organization: "all" }, roles: { from: "groups" } },
    });
    await stage.work();
    expect(await runToEnd(stage)).toMatchObject({ listed: 6, imported: 6, failed: 0, open: 0 });
    const heldBy = (sub: string) => {
      const held = [...stage.workos.users.values()].find((user) => user.external_id === sub);
      return [held?.first_name, held?.last_name, held?.metadata.plan];
    };
    expect(heldBy(nul.sub)).toEqual(["A\u0000da", "\u0000", "go\u0000ld"]);
    expect(heldBy(half.sub)).toEqual(["A\ud800da", "\udc00", "gold"]);
    expect(heldBy(halfPlan.sub)).toEqual(["Ada", "L", undefined]);
    expect(heldBy(whole.sub)).toEqual(["\u{1f642}", "L", "gold"]);
    expect(stage.workos.state().roles.map(({ slug }) => slug)).toContain("staff");
    const findings = await stage.withLedger(async (ledger) => {
      const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
      return ledger.read((db) => readFindings(db, migration?.id ?? 0));
    });
    const told = findings.map(({ code, subject }) => `${code} ${subject}`);
    expect(told).toContain("attribute_dropped custom:plan not plain ASCII");
    expect(told.filter((one) => one.startsWith("differs"))).toEqual([]);
    expect(findings.find(({ code }) => code === "attribute_dropped")?.sentence).toContain(halfPlan.sub);
  },
);

test.each(LEDGERS)("tenants that no organization can be called are told (%s)", async (_, ledgerUrl) => {
  const stage = await setStage({
    pool: oddPool(),
    ledgerUrl: await ledgerUrl(),
    file: { dryRun: true, organizations: { from: "attribute", attribute: "custom:tenant" } },
  });
  await stage.work();
  expect(await runToEnd(stage)).toMatchObject({ listed: 40 });
  const findings = await stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    return ledger.read((db) => readFindings(db, migration?.id ?? 0));
  });
  expect(findings).toContainEqual(expect.objectContaining({ code: "organization_refused" }));
});

test("whoever was deleted and signed up again is told from their old account", async () => {
  const stage = await setStage({ users: 20, plain: true });
  await stage.work();
  await runToEnd(stage);
  const [person] = stage.pool.users;
  if (person === undefined) throw new Error("The pool is empty.");
  const old = person.sub;
  const sub = "b1f0a0de-0000-4000-8000-000000000001";
  Object.assign(person, { sub, username: sub, createdAtMs: Date.now() });
  person.attributes.sub = sub;
  expect(await runToEnd(stage)).toMatchObject({ listed: 20, imported: 19, skipped: 1 });
  const told = { outcome: "skipped", reason: "signed_up_again", earlierSub: old };
  expect((await outcomes(stage)).get(sub)).toMatchObject(told);
  expect(stage.workos.users.size).toBe(20);

  stage.file.users = { decisions: { [sub]: "import" } };
  expect(await runToEnd(stage)).toMatchObject({ imported: 19, skipped: 1 });
  expect((await outcomes(stage)).get(sub)).toMatchObject(told);

  const account = [...stage.workos.users.values()].find((user) => user.external_id === old);
  const headers = { authorization: `Bearer ${stage.workos.key}` };
  await fetch(`${stage.workos.url}/user_management/users/${account?.id}`, { method: "DELETE", headers });
  await stage.withLedger((ledger) =>
    // The miss is believed a minute after the import; the test does not wait for that minute.
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
    ),
  );
  expect(await runToEnd(stage)).toMatchObject({ imported: 20, skipped: 0 });
  expect((await outcomes(stage)).get(sub)).toMatchObject({ outcome: "imported" });
});

test("whoever signed up again is told from an old account that was linked to another one's people", async () => {
  const stage = await setStage({ users: 5, plain: true });
  const [first, linked, again] = stage.pool.users;
  if (first === undefined || linked === undefined || again === undefined)
    throw new Error("The pool is too small.");
  for (const { attributes } of [first, linked]) attributes.email_verified = "true";
  first.createdAtMs = 1;
  Object.assign(again.attributes, { email: linked.attributes.email, email_verified: "true" });
  const others = stage.pool.users.filter((user) => user !== again);
  stage.pool.users = others;
  await stage.work();
  expect(await runToEnd(stage)).toMatchObject({ imported: 4 });

  const identities = JSON.stringify([{ providerName: "Google", userId: "117" }]);
  for (const { attributes } of [first, linked]) Object.assign(attributes, { identities });
  expect(await runToEnd(stage)).toMatchObject({ imported: 3, merged: 1 });

  stage.pool.users = [...others.filter((user) => user !== linked), again];
  expect(await runToEnd(stage)).toMatchObject({ imported: 3, skipped: 1 });
  expect((await outcomes(stage)).get(again.sub)).toMatchObject({
    reason: "signed_up_again",
    earlierSub: linked.sub,
  });
});

test("a disabled account keeps its address to itself, though a link took it to another one's people", async () => {
  const pool = plainPool({ users: 5, poolId: freshPoolId("witness") });
  const [disabled, linked, newcomer] = pool.users;
  if (disabled === undefined || linked === undefined || newcomer === undefined)
    throw new Error("The pool is too small.");
  const identities = JSON.stringify([{ providerName: "Google", userId: "117" }]);
  disabled.enabled = false;
  Object.assign(disabled.attributes, { email: "ada@example.com", email_verified: "false", identities });
  Object.assign(linked.attributes, { identities });
  Object.assign(newcomer.attributes, { email: "ada@example.com", email_verified: "false" });
  const stage = await setStage({ pool });
  await stage.work();
  expect(await runToEnd(stage)).toMatchObject({ imported: 2, skipped: 3 });
  const ended = await outcomes(stage);
  expect(ended.get(disabled.sub)).toMatchObject({ reason: "disabled" });
  for (const { sub } of [linked, newcomer])
    expect(ended.get(sub)).toMatchObject({ outcome: "skipped", reason: "decision_disabled_member" });
});

test("whoever takes another one's address in Cognito after their import, unverified, keeps nobody out", async () => {
  const stage = await setStage({ users: 20, plain: true });
  const [taker, deleted, first, victim, other, late] = stage.pool.users;
  if (!(taker && deleted && first && victim && other && late)) throw new Error("The pool is too small.");
  const newcomers = [victim, other, late];
  const setAddress = ({ attributes }: PoolUser, email: string | undefined, verified: boolean) =>
    Object.assign(attributes, { email, email_verified: String(verified) });
  for (const one of newcomers) setAddress(one, one.attributes.email, true);
  setAddress(first, late.attributes.email, false);
  const everybody = [...stage.pool.users];
  const list = (users: PoolUser[]) => stage.pool.users.splice(0, stage.pool.users.length, ...users);
  list(everybody.filter((user) => !newcomers.includes(user)));
  await stage.work();
  expect(await runToEnd(stage)).toMatchObject({ imported: 17 });

  setAddress(taker, victim.attributes.email, false);
  setAddress(deleted, other.attributes.email, false);
  expect(await runToEnd(stage)).toMatchObject({ imported: 17 });
  list(everybody.filter((user) => user !== deleted));
  expect(await runToEnd(stage)).toMatchObject({ listed: 19, imported: 18, skipped: 1 });
  const ended = await outcomes(stage);
  for (const one of [taker, victim, other, first])
    expect(ended.get(one.sub), one.sub).toMatchObject({ outcome: "imported" });
  // This one's address stands at the destination already, and it has one account an address.
  expect(ended.get(late.sub)).toMatchObject({ outcome: "skipped", reason: "unverified_duplicate" });
  const made = [...stage.workos.users.values()];
  for (const one of [victim, other])
    expect(made.find(({ email }) => email === one.attributes.email)?.external_id).toBe(one.sub);
});

test("of a person with two unverified accounts who are both named, one comes", async () => {
  const stage = await setStage({ users: 4, plain: true });
  const [own, linked] = stage.pool.users;
  if (!(own && linked)) throw new Error("The pool is too small.");
  const identities = JSON.stringify([{ providerName: "Google", userId: "117" }]);
  for (const { attributes } of [own, linked])
    Object.assign(attributes, { email_verified: "false", identities });
  stage.file.users = { decisions: { [own.sub]: "import", [linked.sub]: "import" } };
  await stage.work();
  for (const _ of [1, 2]) {
    expect(await runToEnd(stage)).toMatchObject({ imported: 3, skipped: 1 });
    expect(stage.workos.users.size).toBe(3);
  }
});
