import fc from "fast-check";
import { expect, test } from "vitest";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { type Pool, poolOf } from "../doubles/pool/pool.ts";
import type { JournalEntry } from "../doubles/shared/journal.ts";
import type { WorkosDouble } from "../doubles/workos/double.ts";
import { outcomes } from "./audit.ts";
import { FAST_PACE, type Run, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/**
 * Random sequences of changes to pool and file, dry runs, pilots, cancelled and killed runs; then one full run. It must
 * end as a first run of the last pool and file would, in an empty environment.
 */

const SEQUENCES = Number(process.env.SPILLWAY_SEQUENCES ?? 40);
const MINUTES_EACH = 2;
const USERS = 30;
const TENANTS = 5;

const person = fc.nat({ max: USERS - 1 });
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant("disable"), person, to: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete"), person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("add"), person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rename"), person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tenant"), person, to: fc.nat({ max: TENANTS }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("group"), person, to: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("file"), rule: fc.nat({ max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("dry run") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pilot"), person }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("stopped"), afterCalls: fc.nat({ max: 60 }), kill: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("run") }) },
);
interface Step {
  do: string;
  person?: number;
  to?: boolean | number;
  rule?: number;
  afterCalls?: number;
  kill?: boolean;
}

const RULES: readonly object[] = [
  { organizations: { from: "none" } },
  { organizations: { from: "attribute", attribute: "custom:tenant" } },
  { organizations: { from: "attribute", attribute: "custom:tenant" }, roles: { from: "groups" } },
  { organizations: { from: "fixed", organization: "everybody" } },
  { organizations: { from: "fixed", organization: "everybody" }, roles: { from: "groups" } },
];

/** What stands is to be as the pool is. */
const POLICY = { disabledLater: "delete", deletedLater: "delete" } as const;

let pools = 0;

function variedPool(): Pool {
  pools += 1;
  const pool = plainPool({ users: USERS, poolId: `eu-west-1_runs${process.pid}x${pools}`, seed: pools });
  for (const [index, user] of pool.users.entries())
    user.attributes["custom:tenant"] = `tenant-${index % TENANTS}`;
  const members = pool.users.slice(0, 10).map(({ sub }) => sub);
  return poolOf({
    ...pool,
    groups: [{ name: "editors", description: "", precedence: 1, members }],
    attributeNames: [...pool.attributeNames, "custom:tenant"],
  });
}

/** Plays one sequence on a stage of its own. */
class Play {
  readonly #stage: Stage;
  #worker;
  #added = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#worker = stage.startWorker();
  }

  async step(one: Step): Promise<void> {
    switch (one.do) {
      case "file":
        Object.assign(this.#stage.file, { roles: undefined, ...RULES[one.rule ?? 0] });
        return;
      case "dry run": {
        const before = this.#writes().length;
        await this.#whole({ dryRun: true });
        expect(this.#writes()).toHaveLength(before);
        return;
      }
      case "pilot":
        return this.#whole({ only: { subs: [this.#user(one.person)?.sub ?? "nobody"] } });
      case "run":
        return this.#whole({});
      case "stopped":
        return this.#stopped(one.afterCalls ?? 0, one.kill ?? false);
      default:
        this.#changePool(one);
    }
  }

  async end(): Promise<void> {
    await this.#worker.end("SIGKILL");
  }

  #user(index = 0) {
    const { users } = this.#stage.pool;
    return users[index % Math.max(1, users.length)];
  }

  #changePool({ do: what, person: index, to }: Step): void {
    const { pool } = this.#stage;
    const user = this.#user(index);
    if (user === undefined) return;
    if (what === "disable") user.enabled = to !== true;
    if (what === "rename") user.attributes.given_name = `Renamed ${index}`;
    if (what === "tenant") user.attributes["custom:tenant"] = `tenant-${to}`;
    if (what === "delete") pool.users.splice(pool.users.indexOf(user), 1);
    if (what === "add") {
      this.#added += 1;
      const sub = `added-${this.#added}`;
      const attributes = { ...user.attributes, sub, email: `${sub}@example.com` };
      pool.users.push({ ...user, sub, username: sub, enabled: true, attributes });
    }
    const [group] = pool.groups;
    if (what === "group" && group !== undefined)
      group.members =
        to === true
          ? [...new Set([...group.members, user.sub])]
          : group.members.filter((sub) => sub !== user.sub);
  }

  async #whole(change: object): Promise<void> {
    const run = await this.#start(change);
    await run.result();
    await this.#audit();
  }

  async #stopped(afterCalls: number, kill: boolean): Promise<void> {
    const before = this.#writes().length;
    const run = await this.#start({});
    let isOver = false;
    const ended = run.result().then(
      () => (isOver = true),
      () => (isOver = true),
    );
    await until("it is far enough", () => isOver || this.#writes().length >= before + afterCalls, 60_000);
    if (kill) {
      await this.#worker.end("SIGKILL");
      this.#worker = this.#stage.startWorker();
    }
    if (!isOver) await run.cancel().catch(() => undefined);
    await ended;
    await this.#audit();
  }

  async #start(change: object): Promise<Run> {
    const { file } = this.#stage;
    const kept = { ...file };
    Object.assign(file, change);
    const run = await this.#stage.start();
    for (const key of Object.keys(file)) delete file[key as keyof typeof file];
    Object.assign(file, kept);
    this.#auditedTo = this.#stage.workos.journal.entries.length;
    return run;
  }

  #auditedTo = 0;

  #writes(): JournalEntry[] {
    return this.#stage.workos.journal.entries.filter(({ operation }) => operation.startsWith("create"));
  }

  /** Nothing was sent that the plan of its time does not hold. */
  async #audit(): Promise<void> {
    const planned = await plannedKeys(this.#stage);
    const { workos } = this.#stage;
    for (const { operation, key, status } of workos.journal.since(this.#auditedTo)) {
      if (status === null || status >= 300 || key === undefined) continue;
      if (operation === "createUser") expect([...planned.users]).toContain(key);
      if (operation === "createOrganization") expect([...planned.organizations]).toContain(key);
      if (operation === "createOrganizationMembership") {
        const [userId = "", organizationId = ""] = key.split(" ");
        const sub = workos.users.get(userId)?.external_id;
        const organization = workos.stores.organizations.byId.get(organizationId)?.external_id;
        expect([...planned.memberships]).toContain(`${sub} ${organization}`);
      }
    }
  }
}

async function plannedKeys(stage: Stage) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    const { id = 0, generation = 0 } = migration ?? {};
    const users = await ledger.read((db) =>
      db
        .selectFrom("plan")
        .select("sub")
        .where("migration_id", "=", id)
        .where("generation", "=", generation)
        .where("action", "=", "create")
        .execute(),
    );
    const objects = await ledger.read((db) =>
      db
        .selectFrom("planned_objects")
        .select(["kind", "key"])
        .where("migration_id", "=", id)
        .where("generation", "=", generation)
        .execute(),
    );
    const keysOf = (wanted: string) =>
      new Set(objects.filter(({ kind }) => kind === wanted).map(({ key }) => key));
    return {
      users: new Set(users.map(({ sub }) => sub)),
      organizations: keysOf("organization"),
      memberships: keysOf("membership"),
    };
  });
}

/** What stands, in words that do not depend on ids and times. */
function standing(workos: WorkosDouble) {
  const { users, organizations, memberships, roles } = workos.state();
  const sub = (id: string) => users.find((user) => user.id === id)?.external_id;
  const organization = (id: string) => organizations.find((one) => one.id === id)?.external_id;
  return {
    users: users
      .map(({ external_id, email, first_name, metadata }) => ({ external_id, email, first_name, metadata }))
      .sort((a, b) => a.email.localeCompare(b.email)),
    organizations: organizations.map(({ external_id, name }) => `${external_id} ${name}`).sort(),
    roles: roles.map(({ slug }) => slug).sort(),
    memberships: memberships
      .map(
        (one) =>
          `${sub(one.user_id)} ${organization(one.organization_id)} ${one.roles.map(({ slug }) => slug)}`,
      )
      .sort(),
  };
}

/** Only the ledger that made an account knows that one of somebody who is left out by now is its own. */
async function endsOf(stage: Stage): Promise<Map<string, string>> {
  const ended = await outcomes(stage);
  const accounts = new Set([...stage.workos.users.values()].map(({ external_id }) => external_id));
  return new Map(
    [...ended].map(([sub, { outcome }]) => [
      sub,
      outcome === "skipped" && accounts.has(sub) ? "imported" : outcome,
    ]),
  );
}

/** Organizations and roles stay where they are not needed any more, and memberships where the file has no organizations. */
function expectSame(stage: Stage, fresh: Stage): void {
  const [ends, wanted] = [standing(stage.workos), standing(fresh.workos)];
  expect(ends.users).toEqual(wanted.users);
  if (stage.file.organizations?.from !== "none") expect(ends.memberships).toEqual(wanted.memberships);
  expect(ends.organizations).toEqual(expect.arrayContaining(wanted.organizations));
  expect(ends.roles).toEqual(expect.arrayContaining(wanted.roles));
}

test("after any runs, a full run ends as a first one would", {
  timeout: SEQUENCES * MINUTES_EACH * 60_000,
}, async () => {
  const seed = Number(process.env.SPILLWAY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed of the sequences: ${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      const stage = await setStage({ pool: variedPool(), file: { pace: FAST_PACE, users: POLICY } });
      const play = new Play(stage);
      for (const one of steps) await play.step(one);
      const fresh = await setStage({ pool: stage.pool, file: stage.file });
      await play.step({ do: "run" });
      await play.end();
      const worker = fresh.startWorker();
      await (await fresh.start()).result();
      await worker.end("SIGKILL");
      expectSame(stage, fresh);
      expect(await endsOf(stage)).toEqual(await endsOf(fresh));
      const { createdByExternalId, createdMemberships, createdOrganizations } = stage.workos.state();
      const removed = stage.workos.journal.entries.some(({ operation }) => operation.startsWith("delete"));
      for (const counts of [
        createdOrganizations,
        ...(removed ? [] : [createdByExternalId, createdMemberships]),
      ])
        expect(Object.values(counts).filter((times) => times > 1)).toEqual([]);
    }),
    { seed, numRuns: SEQUENCES, endOnFailure: true },
  );
});
