import { expect } from "vitest";
import { canaryWithoutMail } from "../../src/activities/plan/canary.ts";
import type { Concluding } from "../../src/activities/plan/concluding.ts";
import { organizationFindings } from "../../src/activities/plan/organization-findings.ts";
import { strangers } from "../../src/activities/plan/strangers.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { noteMoved } from "../../src/ledger/bridge.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { writeDecisions } from "../../src/ledger/plan.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { sourceUser, testOnBoth, upsertPages } from "../ledger/ledgers.ts";
import { PICKY } from "../plan/findings/destination.ts";
import { fileOf } from "../plan/findings/set-ups.ts";

const RUN = {
  ledgerId: "l",
  destinationKind: "workos" as const,
  environment: "env",
  migrationId: 1,
  generation: 2,
  firstRunId: "run",
};
const FROM_TENANT = { from: "attribute", attribute: "custom:tenant" } as const;

function concluding(ledger: Ledger, changes: Partial<MigrationFile>): Concluding {
  return {
    ledger,
    run: RUN,
    file: fileOf(changes),
    pulse: { throwIfCancelled: () => {} },
    destination: PICKY,
  };
}

const person = (sub: string, username = `name-of-${sub}`) => sourceUser(sub, { username });

async function planOrganizations(ledger: Ledger, keys: readonly string[]): Promise<void> {
  const organizations = keys.map((key) => ({ kind: "organization" as const, key, data: {} }));
  const role = { kind: "role" as const, key: "a", data: {} };
  await ledger.write((tx) => writePlannedObjects(tx, RUN, "structure", [...organizations, role]));
}

testOnBoth("people whom the file names and the newest walk lists are no strangers", async ({ open }) => {
  const ledger = await open();
  await upsertPages(ledger, 2, [[person("a"), person("b"), person("c")]]);
  const file: Partial<MigrationFile> = {
    users: { decisions: { a: "import" } },
    passwordResets: { send: true, canary: ["b"] },
    only: { subs: ["c"] },
  };
  expect(await strangers(concluding(ledger, file))).toEqual([]);
});

testOnBoth(
  "strangers are told by what they may be, and telephone numbers by their place",
  async ({ open }) => {
    const ledger = await open();
    await upsertPages(ledger, 1, [[person("gone")]]);
    await upsertPages(ledger, 2, [[person("a"), person("b", "Ada"), person("c", "+49 30 1234567")]]);
    const names = ["A", "ada", "gone", "+49 30 1234567", "a", "+49 170 1234567", "x1", "x2"];
    const decisions = Object.fromEntries(names.map((name) => [name, "skip" as const]));
    const [found, ...others] = await strangers(concluding(ledger, { users: { decisions } }));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ code: "people_unknown", severity: "blocker", subject: "users.decisions" });
    expect(found?.what).toBe(
      '"users.decisions" names 7 people whom the pool does not list: "A" (the sub is a), "ada" (a username; the sub is b), "gone", number 4, which may be an address (a username; the sub is c), number 6, which may be an address and 2 more.',
    );
  },
);

testOnBoth("a canary of strangers stops the run, a pilot of strangers is only told", async ({ open }) => {
  const ledger = await open();
  await upsertPages(ledger, 2, [[person("a")]]);
  const resets = (send: boolean) => ({ passwordResets: { send, canary: ["a", "nobody"] } });
  const only = { subs: ["nobody", "a"] };
  expect(await strangers(concluding(ledger, { ...resets(true), only }))).toMatchObject([
    { code: "people_unknown", severity: "blocker", subject: "passwordResets.canary" },
    { code: "selection_unknown", severity: "warning", subject: "only.subs" },
  ]);
  expect(await strangers(concluding(ledger, resets(false)))).toEqual([]);
});

testOnBoth("tenants that differ in their case, and names that nobody has, are told", async ({ open }) => {
  const ledger = await open();
  const others = Array.from({ length: 2_100 }, (_, index) => `tenant ${index}`);
  await planOrganizations(ledger, ["Acme", "acme", "ACME", ...others]);
  const named = { CORP: {}, "tenant 7": {}, "TENANT 2099": {}, never: {} };
  const file = { organizations: { ...FROM_TENANT, named } };
  const found = await organizationFindings(concluding(ledger, file), () => true);
  expect(found.map(({ code, subject }) => [code, subject])).toEqual([
    ["organization_twins", expect.stringMatching(/acme/i)],
    ["organization_unknown", "CORP"],
    ["organization_unknown", "TENANT 2099"],
    ["organization_unknown", "never"],
  ]);
  for (const name of ['"Acme"', '"acme"', '"ACME"']) expect(found[0]?.what).toContain(name);
  expect(found[2]?.advice).toContain('"tenant 2099"');

  const pilot = await organizationFindings(concluding(ledger, { ...file, only: { limit: 1 } }), () => true);
  expect(pilot.map(({ subject }) => subject).slice(1)).toEqual(["TENANT 2099"]);
});

testOnBoth(
  "what may be somebody's address or telephone number is counted, and not told",
  async ({ open }) => {
    const ledger = await open();
    const numbers = ["+49 30 123456", "+49  30 123456"];
    await planOrganizations(ledger, ["Ada@example.com", "ada@example.com", ...numbers, "Acme", "acme"]);
    const file = { organizations: FROM_TENANT };
    const found = await organizationFindings(concluding(ledger, file), () => true);
    expect(found.map(({ code, subject }) => [code, subject])).toEqual([
      ["organization_twins", expect.stringMatching(/acme/i)],
      ["organization_twins", "organizations"],
    ]);
    expect(found[1]?.what).toContain("4 organizations");
    for (const { what, subject } of found) expect(`${subject} ${what}`).not.toMatch(/example|123/);
  },
);

testOnBoth(
  "of those that would be refused, a telephone number is counted, and not told",
  async ({ open }) => {
    const ledger = await open();
    const key = `+49 ${"1".repeat(300)}`;
    await planOrganizations(ledger, [key]);
    const [refused] = await organizationFindings(
      concluding(ledger, { organizations: FROM_TENANT }),
      () => true,
    );
    expect(refused?.what).not.toContain("1111");
    expect(refused?.what).toContain("an organization whose name may be");
  },
);

testOnBoth("what stands under another external id than the file gives it is told", async ({ open }) => {
  const ledger = await open();
  await planOrganizations(ledger, ["acme", "corp", "ada@example.com"]);
  await ledger.write((tx) =>
    noteStanding(
      tx,
      1,
      ["acme", "corp", "ada@example.com"].map((key) => ({
        ...({ kind: "organization", key, destinationId: `org_${key}`, how: "created" } as const),
        ...{ fingerprint: null, details: { externalId: key }, firstClaimedAtMs: 1 },
      })),
    ),
  );
  const named = { acme: { externalId: "crm-7" }, "ada@example.com": { externalId: "crm-8" } };
  const found = await organizationFindings(
    concluding(ledger, { organizations: { ...FROM_TENANT, named } }),
    () => true,
  );
  expect(found).toMatchObject([{ code: "organization_renamed", severity: "blocker", subject: "acme" }]);
  expect(found[0]?.what).toMatch(/^The file gives 2 organizations, "acme" and 1 more another external id/);
});

testOnBoth("organizations that would be refused are told by name", async ({ open }) => {
  const ledger = await open();
  const long = Array.from({ length: 7 }, (_, index) => `${index}${"t".repeat(300)}`);
  await planOrganizations(ledger, ["fine", ...long]);
  const file = { organizations: FROM_TENANT };
  const isRefused = (problem: string) => problem === "its name is too long";
  const [refused, ...others] = await organizationFindings(concluding(ledger, file), isRefused);
  expect(others).toEqual([]);
  expect(refused).toMatchObject({ code: "organization_refused", severity: "blocker" });
  expect(refused?.what).toMatch(
    /^The destination would refuse 7 organizations, "0t+…", .*and 2 more: its name/,
  );
  expect(refused?.what.length).toBeLessThan(500);
});

testOnBoth(
  "a canary who gets no mail by the plan stops the run, unless they had theirs",
  async ({ open }) => {
    const ledger = await open();
    const subs = ["due", "merged", "off", "moved", "before", "gone"];
    await upsertPages(ledger, 1, [[person("gone")]]);
    const off = { ...person("off"), enabled: false };
    await upsertPages(ledger, 2, [[...["due", "merged", "moved", "before"].map((sub) => person(sub)), off]]);
    const file: Partial<MigrationFile> = { passwordResets: { send: true, canary: subs, unverified: "send" } };
    const decision = { action: "create", reason: null, mergeInto: null, fingerprint: null } as const;
    await ledger.write(async (tx) => {
      const created = ["due", "off", "moved"].map((sub) => ({ ...decision, sub }));
      await writeDecisions(
        tx,
        RUN,
        [
          ...created,
          {
            ...{ sub: "merged", action: "merge", reason: "merged_same_email", mergeInto: "due" },
            fingerprint: null,
          },
        ],
        fileOf(file),
      );
      const fact = { how: "created", fingerprint: null, details: null, firstClaimedAtMs: 1 } as const;
      await noteStanding(tx, 1, [{ ...fact, kind: "user", key: "moved", destinationId: "user_moved" }]);
      await noteMoved(tx, 1, "moved");
      const mail = { migration_id: 1, sender: "campaign", mails: 1, claimed_at_ms: 1 } as const;
      for (const sub of ["before", "gone"])
        await tx
          .insertInto("mails")
          .values({ ...mail, sub, state: "mailed" })
          .execute();
    });
    const found = await canaryWithoutMail(concluding(ledger, file));
    expect(found).toMatchObject([{ code: "canary_unmailed", severity: "blocker" }]);
    expect(found[0]?.what).toBe(
      '"passwordResets.canary" names 3 people who get no reset mail: "merged" (merged into another account), "off" (disabled) and "moved" (moved_by_bridge).',
    );
    expect(await strangers(concluding(ledger, file))).toEqual([]);
  },
);
