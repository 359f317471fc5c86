import { join } from "node:path";
import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import type { Pool } from "../doubles/pool/pool.ts";
import { historyText, hits } from "../faults/history-text.ts";
import { progressOf, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { setCredentialsStage } from "../faults/with-credentials.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

/** Two subs, as a sentence names them. */
const EXAMPLES = /for example [0-9a-f]{8}-[0-9a-f-]{27}, [0-9a-f]{8}-[0-9a-f-]{27}/;

async function parkedWith(stage: Stage, more: Record<string, string> = {}) {
  await stage.work(more);
  const run = await stage.start();
  const waits = await until("the run parks", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Blocked" ? waitsFor : null;
  });
  await run.terminate();
  const written = stage.workos.journal.entries.filter(({ operation }) =>
    ["createUser", "createRole", "createMembership"].includes(operation),
  );
  expect(written).toEqual([]);
  return waits;
}

function poolWith(change: (pool: Pool) => void): Pool {
  const pool = makePool({ users: 120, seed: 4, poolId: `eu-west-1_bad${process.pid}x${made}` });
  made += 1;
  change(pool);
  return pool;
}
let made = 0;

const FROM_TENANT: Pick<MigrationFile, "organizations"> = {
  organizations: { from: "attribute", attribute: "custom:tenant" },
};

const RULES: [what: string, file: Partial<MigrationFile>, sentence: RegExp][] = [
  [
    "a missing attribute",
    { organizations: { from: "attribute", attribute: "custom:team" } },
    /no attribute "custom:team"/,
  ],
  [
    "a missing attribute in a join",
    { metadata: { address: { join: ["custom:street", "locale"] } } },
    /no attribute "custom:street"/,
  ],
  [
    "a missing group",
    { ...FROM_TENANT, roles: { from: "groups", groups: { bosses: "boss" } } },
    /no group "bosses"/,
  ],
  [
    "a prefix that no group has",
    { organizations: { from: "group", prefix: "team-" } },
    /No group of the pool begins with "team-"/,
  ],
];

test.each(RULES)("a rule that names %s is told before anything is written", async (_, file, sentence) => {
  const stage = await setStage({ pool: poolWith(() => undefined), file });
  const waits = await parkedWith(stage);
  expect(waits.code).toBe("assess_blockers");
  expect(waits.sentence).toMatch(sentence);
});

test("two groups with one slug are told with their members", async () => {
  const pool = poolWith(({ groups, users }) => {
    const members = users.slice(0, 7).map(({ sub }) => sub);
    groups.push({ name: "Editors!", description: "", precedence: null, members });
  });
  const stage = await setStage({ pool, file: { ...FROM_TENANT, roles: { from: "groups" } } });
  const { sentence } = await parkedWith(stage);
  expect(sentence).toMatch(/The groups "editors" and "Editors!" would both become the role "editors"/);
  const editors = pool.groups.find(({ name }) => name === "editors")?.members ?? [];
  const both = new Set([...editors, ...pool.users.slice(0, 7).map(({ sub }) => sub)]);
  expect(sentence).toContain(`${both.size} users`);
  expect(sentence).toMatch(EXAMPLES);
});

test("groups that the file makes one role are one", async () => {
  const pool = poolWith(({ groups }) => {
    groups.push({ name: "Editors!", description: "", precedence: null, members: [] });
  });
  const groups = { "Editors!": "editors", editors: "editors" };
  const stage = await setStage({ pool, file: { ...FROM_TENANT, roles: { from: "groups", groups } } });
  await stage.work();
  await (await stage.start()).result();
  expect(stage.workos.state().createdRoles).toEqual({ admins: 1, editors: 1, nobody: 1 });
});

test("organizations whose names are over the limit are named", async () => {
  const pool = poolWith(({ users }) => {
    for (const user of users.slice(0, 9)) user.attributes["custom:tenant"] = "t".repeat(300);
    for (const user of users.slice(9)) user.attributes["custom:tenant"] = "acme";
  });
  const waits = await parkedWith(await setStage({ pool, file: FROM_TENANT }));
  expect(waits.code).toBe("organization_refused");
  expect(waits.sentence).toMatch(
    /would refuse the organization "t{60}…": its name is longer than \d+ characters/,
  );
});

test("addresses in an attribute that was taken for the tenant's are not repeated to Temporal", async () => {
  const address = (index: number) => `Ada Lövelace <ada${index}@private.example>`;
  const pool = poolWith(({ users }) => {
    for (const [index, user] of users.entries()) user.attributes["custom:tenant"] = address(index);
  });
  const stage = await setStage({ pool, file: FROM_TENANT });
  const waits = await parkedWith(stage);
  expect(waits.code).toBe("organization_refused");
  expect(waits.sentence).toMatch(/would refuse \d+ organizations whose name may be somebody's address/);
  const history = historyText(await stage.client.workflow.getHandle(stage.workflowId).fetchHistory());
  expect(hits(history, "custom:tenant")).toBeGreaterThan(0);
  expect(hits(history, "private.example")).toBe(0);
});

test("a tenant attribute that users can write stops the run", async () => {
  const pool = poolWith((made) => {
    const { clients } = makePool({ users: 100, seed: 4, providers: true });
    made.clients = clients
      .filter(({ name }) => name === "mobile-app")
      .map((client) => ({ ...client, writeAttributes: ["email", "custom:tenant"] }));
    for (const user of made.users.slice(0, 30)) user.attributes["custom:tenant"] = "acme";
  });
  const waits = await parkedWith(await setStage({ pool, file: FROM_TENANT }));
  expect(waits.code).toBe("assess_blockers");
  const own = pool.users.filter(({ attributes }) => attributes["custom:tenant"]).length;
  expect(waits.sentence).toMatch(/Users can write "custom:tenant".*"mobile-app"/);
  expect(waits.sentence).toContain(`${own} users`);
  expect(waits.sentence).toMatch(EXAMPLES);
});

test("a secret store that cannot be written stops the run before any secret is made", async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("store") });
  const missing = join(stage.folder, "not-there");
  const waits = await parkedWith(stage, { SPILLWAY_SECRETS: `file:${join(missing, "secrets.json")}` });
  expect(waits.code).toBe("assess_blockers");
  expect(waits.sentence).toContain(missing);
  expect(writesTo(stage)).toEqual([]);
});

const PERMISSIONS = [
  "ListUsersInGroup",
  "ListGroups",
  "ListIdentityProviders",
  "DescribeIdentityProvider",
  "ListUserPoolClients",
  "DescribeUserPoolClient",
  "ListResourceServers",
] as const;

test.each(PERMISSIONS)("the missing permission %s is named", async (denied) => {
  const stage = await setCredentialsStage({
    poolId: `eu-west-1_iam${process.pid}${denied}`,
    cognito: { denied },
  });
  const waits = await parkedWith(stage);
  expect(waits.code).toBe("access_lost_source");
  expect(waits.sentence).toContain(`cognito-idp:${denied}`);
  expect(writesTo(stage)).toEqual([]);
});

test("providers and machines without an organization are told together", async () => {
  const stage = await setCredentialsStage({
    poolId: freshPoolId("place"),
    file: { providers: {}, clients: {} },
  });
  const { sentence } = await parkedWith(stage);
  for (const name of ["AcmeSAML", "CorpOIDC", "Microsoft", "nightly-export"])
    expect(sentence).toContain(`"${name}"`);
  expect(writesTo(stage)).toEqual([]);
});

/** The proof that key and environment belong together is a POST that makes nothing. */
function writesTo({ workos }: Pick<Stage, "workos">) {
  return workos.journal.entries.filter(
    ({ method, operation }) => method === "POST" && operation !== "exchangeCode",
  );
}
