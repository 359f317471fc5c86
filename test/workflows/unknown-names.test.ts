import { expect, test } from "vitest";
import { readFindings } from "../../src/ledger/findings.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { resumeUpdate } from "../../src/workflows/messages.ts";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import { auditRun } from "../faults/audit.ts";
import { creates, progressOf, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

function findings(stage: Stage) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    return ledger.read((db) => readFindings(db, migration?.id ?? 0));
  });
}

test("a decision about somebody whom nobody knows stops the run until it is accepted", async () => {
  const pool = plainPool({ users: 120, poolId: freshPoolId("names") });
  const [first, second] = pool.users;
  if (first === undefined || second === undefined) throw new Error("The pool is empty.");
  const telephone = "+49 170 1234567";
  first.username = "ada.l";
  const decisions = { "ada.l": "skip", [second.sub.toUpperCase()]: "skip", [telephone]: "skip" } as const;
  const stage = await setStage({ pool, file: { users: { decisions } } });
  await stage.work();
  const run = await stage.start();
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits.code).toBe("people_unknown");
  expect(waits.sentence).toContain(`"ada.l" (a username; the sub is ${first.sub})`);
  expect(waits.sentence).toContain(`"${second.sub.toUpperCase()}" (the sub is ${second.sub})`);
  expect(waits.sentence).toContain("number 3, which may be an address");
  expect(waits.sentence).not.toContain(telephone);
  expect(creates(stage.workos)).toEqual([]);
  await run.executeUpdate(resumeUpdate, { args: [{ accept: ["people_unknown"] }] });
  await auditRun(stage, await run.result());
  expect(stage.workos.users.size).toBe(120);
});

test("a group that is deleted while it is read counts as empty, and is told", async () => {
  const pool = makePool({ users: 400, seed: 4, poolId: freshPoolId("gone") });
  const stage = await setStage({
    pool,
    file: { organizations: { from: "fixed", organization: "all" }, roles: { from: "groups" } },
  });
  const editors = pool.groups.find(({ name }) => name === "editors");
  // Of more than a page: assess asks for one member of the first group, and the second page is its end.
  expect(editors?.members.length).toBeGreaterThan(60);
  stage.cognito.faults.add({
    match: { operation: "ListUsersInGroup", after: 3 },
    times: 1,
    effect: { kind: "status", status: 400, body: { __type: "ResourceNotFoundException", message: "Gone." } },
  });
  await stage.work();
  await (await stage.start()).result();
  expect((await findings(stage)).filter(({ code }) => code === "group_gone")).toMatchObject([
    { phase: "snapshot", severity: "warning", subject: "editors" },
  ]);
  const roles = stage.workos.state().memberships.flatMap((one) => one.roles.map(({ slug }) => slug));
  expect(roles).toContain("admins");
  expect(roles).not.toContain("editors");
});

test("tenants that differ in their case are told with their names", async () => {
  const pool = plainPool({ users: 120, poolId: freshPoolId("twins") });
  pool.attributeNames.push("custom:tenant");
  pool.users.forEach(({ attributes }, index) => {
    attributes["custom:tenant"] = ["Acme", "acme", "ACME", "corp"][index % 4] ?? "";
  });
  const organizations = {
    from: "attribute",
    attribute: "custom:tenant",
    named: { CORP: { name: "Corp" } },
  } as const;
  const stage = await setStage({ pool, file: { organizations, dryRun: true } });
  await stage.work();
  await (await stage.start()).result();
  const told = (await findings(stage)).filter(({ phase }) => phase === "plan");
  expect(told.map(({ code, subject }) => [code, subject])).toEqual([
    ["organization_twins", "ACME"],
    ["organization_unknown", "CORP"],
  ]);
  for (const name of ['"Acme"', '"acme"', '"ACME"']) expect(told[0]?.sentence).toContain(name);
  expect(told[1]?.sentence).toContain('Write "corp"');
});
