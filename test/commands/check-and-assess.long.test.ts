import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECK_FINDINGS } from "../../src/domain/findings/workplace.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { readFindings } from "../../src/ledger/findings.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import type { Pool } from "../doubles/pool/pool.ts";
import { progressOf, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { freePort } from "../setup/free-port.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { runCli } from "./cli.ts";

interface Told {
  severity: string;
  code: string;
  subject: string;
}

const FIXED: MigrationFile["organizations"] = { from: "fixed", organization: "all" };

function toldOf({ severity, code, subject }: Told): string {
  return `${severity} ${code} ${subject}`;
}

/** What `check` shows from where it is run, as a run would see it from a worker. */
async function checked(stage: Stage, settings: Record<string, string>) {
  const path = join(stage.folder, "migration.json");
  writeFileSync(path, JSON.stringify(stage.file));
  const ran = await runCli(["check", path, "--json"], stage.folder, { ...stage.environment, ...settings });
  expect(ran.stderr).toBe("");
  const { findings, blockers } = JSON.parse(ran.stdout) as { findings: Told[]; blockers: string[] };
  const told = findings.filter(({ code }) => !Object.hasOwn(CHECK_FINDINGS, code)).map(toldOf);
  return { code: ran.code, told: told.toSorted(), blockers };
}

async function assessed(stage: Stage, settings: Record<string, string>) {
  await stage.work(settings);
  const run = await stage.start();
  const { waitsFor, phase } = await until("assess has ended", async () => {
    const progress = await progressOf(run);
    return progress.waitsFor !== null || progress.phase !== "assess" ? progress : null;
  });
  await run.terminate();
  const findings = await stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    return ledger.read((db) => readFindings(db, migration?.id ?? 0));
  });
  const told = findings.filter((one) => one.phase === "assess").map(toldOf);
  return { told: told.toSorted(), parkedWith: phase === "assess" ? (waitsFor?.code ?? null) : null };
}

interface BadSetUp {
  what: string;
  file: Partial<MigrationFile>;
  bend?: (pool: Pool) => void;
  settings?: (folder: string, port: number) => Record<string, string>;
  /** Of these, among others. */
  codes: string[];
}

const SET_UPS: BadSetUp[] = [
  {
    what: "names that nobody knows",
    file: {
      organizations: { from: "group", prefix: "org-", named: { ACME: { name: "Acme" } } },
      attributes: { "custom:plam": "plan" },
      roles: { from: "groups", groups: { bosses: "boss" }, permissions: { chief: ["users:read"] } },
      providers: { Gogle: { skip: "old" } },
      clients: { nobody: { skip: "old" } },
      only: { group: "PILOT" },
      passwordResets: { order: { attribute: "custom:tier", first: ["gold"] } },
    },
    bend: ({ groups }) => {
      for (const name of ["org-acme", "org-Acme", `org-${"x".repeat(120)}`])
        groups.push({ name, description: "", precedence: null, members: [] });
    },
    codes: [
      "attribute_unknown",
      "client_unknown",
      "group_unknown",
      "organization_refused",
      "organization_twins",
      "organization_unknown",
      "provider_unknown",
      "role_unknown",
    ],
  },
  {
    what: "a group whose role has two problems, second factors, and a store and a mail server that are not there",
    file: {
      organizations: FIXED,
      roles: { from: "groups" },
      passwordResets: { send: true, delivery: "own", unverified: "skip" },
    },
    bend: ({ groups }) => {
      groups.push({ name: "g".repeat(55), description: "", precedence: null, members: [] });
    },
    settings: (folder, port) => ({
      SPILLWAY_SECRETS: `file:${join(folder, "missing", "secrets.json")}`,
      SPILLWAY_MAIL: `smtp://127.0.0.1:${port}`,
      SPILLWAY_MAIL_FROM: "accounts@example.com",
    }),
    codes: ["mail_sink", "mfa", "resets_drop_mfa", "role_refused", "secret_store", "user_migration_trigger"],
  },
  {
    what: "tenants that users may write, and providers and machines that nobody placed",
    file: { organizations: { from: "attribute", attribute: "custom:tenant" } },
    bend: ({ clients }) => {
      for (const client of clients) client.writeAttributes = ["custom:tenant"];
    },
    codes: [
      "attribute_self_writable",
      "client_without_organization",
      "provider_without_counterpart",
      "provider_without_organization",
    ],
  },
];

const ROLE = { kind: "role", fingerprint: null, details: null, firstClaimedAtMs: 0 } as const;

/** As somebody made it in the dashboard. */
function addRole({ workos }: Stage, slug: string) {
  const { roles } = workos.stores;
  roles.add({
    object: "role",
    ...roles.stamp(),
    slug,
    name: slug,
    description: null,
    type: "EnvironmentRole",
    resource_type_slug: "organization",
    permissions: [],
  });
}

let made = 0;

async function stageOf({ file, bend }: BadSetUp): Promise<Stage> {
  made += 1;
  const poolId = `eu-west-1_both${process.pid}x${made}`;
  const pool = makePool({ users: 100, seed: 6, poolId, providers: true });
  bend?.(pool);
  return setStage({ pool, file });
}

test.for(SET_UPS)("check and a run find the same in $what", async (setUp) => {
  const stage = await stageOf(setUp);
  const settings = setUp.settings?.(stage.folder, await freePort()) ?? {};
  const here = await checked(stage, settings);
  const there = await assessed(stage, settings);
  expect(here.told).toEqual(there.told);
  const codes = new Set(here.told.map((one) => one.split(" ")[1]));
  expect([...codes]).toEqual(expect.arrayContaining(setUp.codes));
  expect(there.parkedWith).toBe("assess_blockers");
  expect(here.code).toBe(1);
  expect(here.blockers.length).toBeGreaterThan(0);
});

test("a set-up with nothing but warnings passes both", async () => {
  const stage = await setStage({ users: 100 });
  const here = await checked(stage, {});
  const there = await assessed(stage, {});
  expect(here.told).toEqual(there.told);
  expect(there.parkedWith).toBe(null);
  expect(here).toMatchObject({ code: 0, blockers: [] });
});

test("a role that stands already is told to both until a run made it, and stops neither", async () => {
  const pool = makePool({ users: 20, seed: 6, poolId: freshPoolId("taken") });
  for (const name of ["Ádmin!", "Member"])
    pool.groups.push({ name, description: "", precedence: null, members: [] });
  const stage = await setStage({ pool, file: { organizations: FIXED, roles: { from: "groups" } } });
  addRole(stage, "admin");
  const taken = (slugs: string[]) => slugs.map((slug) => `warning role_taken ${slug}`);
  const ofRoles = (told: string[]) => told.filter((one) => one.includes("role_taken"));
  expect(ofRoles((await checked(stage, {})).told)).toEqual(taken(["admin", "member"]));
  const there = await assessed(stage, {});
  expect(there.parkedWith).toBe(null);
  expect(ofRoles(there.told)).toEqual(taken(["admin", "member"]));
  await stage.withLedger((ledger) =>
    ledger.write((tx) =>
      noteStanding(tx, 1, [
        { ...ROLE, key: "admin", destinationId: "admin", how: "created" },
        { ...ROLE, key: "member", destinationId: "member", how: "already_there" },
      ]),
    ),
  );
  const later = await checked(stage, {});
  expect(ofRoles(later.told)).toEqual(taken(["member"]));
  expect(later.code).toBe(0);
});

test("a list of roles that is refused says nothing", async () => {
  const stage = await setStage({ users: 20, file: { organizations: FIXED, roles: { from: "groups" } } });
  for (const { name } of stage.pool.groups) addRole(stage, name);
  stage.workos.faults.add({
    match: { operation: "listRoles" },
    times: 1_000,
    effect: { kind: "status", status: 403, body: { message: "Forbidden." } },
  });
  const here = await checked(stage, {});
  expect(here).toMatchObject({ code: 0, blockers: [] });
  expect(here.told.filter((one) => one.includes("role_taken"))).toEqual([]);
});

test("a ledger that cannot be written fails the check, and nothing is made of it", async () => {
  const stage = await setStage({ users: 100 });
  const place = join(stage.folder, "ledger.db");
  mkdirSync(place);
  const { code, told } = await checked(stage, { SPILLWAY_LEDGER: `sqlite:${place}` });
  expect(told).toContain("blocker ledger_unusable SPILLWAY_LEDGER");
  expect(code).toBe(1);
});
