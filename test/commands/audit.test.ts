import { expect, test } from "vitest";
import type { UserOutcome } from "../../src/ledger/outcomes.ts";
import { auditMemberships } from "../../tools/demo/audit-memberships.ts";
import { auditOnce } from "../../tools/demo/audit-set-up.ts";
import { auditUsers } from "../../tools/demo/audit-users.ts";
import type { Account, WorkosState } from "../../tools/demo/workos-side.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";

function accountOf({ sub, attributes }: PoolUser): Account {
  return {
    id: `user_${sub}`,
    external_id: sub,
    email: attributes.email ?? "",
    email_verified: true,
    first_name: attributes.given_name ?? null,
    last_name: attributes.family_name ?? null,
    metadata: { plan: attributes["custom:plan"] ?? "", locale: attributes.locale ?? "" },
  };
}

const subOf = ({ sub }: PoolUser) => sub;

function outcomeOf({ sub }: PoolUser): UserOutcome {
  return { sub, outcome: "imported", reason: null, destinationId: `user_${sub}`, mergedInto: null };
}

/** Two people, both imported, as they are to be; `bend` breaks something. */
function audited(bend: (users: PoolUser[], workos: WorkosState, outcomes: UserOutcome[]) => void): string[] {
  const pool = plainPool({ users: 2 });
  const { users } = pool;
  pool.groups = [{ name: "admins", description: "", precedence: 1, members: users.slice(0, 1).map(subOf) }];
  for (const user of users) user.attributes["custom:tenant"] = "acme";
  const workos: WorkosState = {
    users: users.map(accountOf),
    organizations: [{ id: "org_1", external_id: "acme" }],
    memberships: users.map((user, index) => ({
      user_id: `user_${user.sub}`,
      organization_id: "org_1",
      status: "active",
      roles: [{ slug: index === 0 ? "admins" : "member" }],
    })),
    roles: [],
    connections: [],
    applications: [],
    clientSecrets: [],
    redirectUris: [],
    createdByExternalId: Object.fromEntries(users.map((user) => [user.sub, 1])),
    createdOrganizations: { acme: 1 },
    createdMemberships: {},
    createdRoles: {},
    createdConnections: {},
    createdApplications: {},
  };
  const outcomes = users.map(outcomeOf);
  bend(users, workos, outcomes);
  return [
    ...auditUsers(users, workos, outcomes),
    ...auditMemberships(pool, workos, outcomes),
    ...auditOnce(workos),
  ];
}

test("a migration as it is to be passes the audit", () => {
  expect(audited(() => undefined)).toEqual([]);
});

const FAULTS: [string, Parameters<typeof audited>[0], RegExp][] = [
  ["a missing outcome", (_, __, outcomes) => void outcomes.pop(), /has 0 outcomes/],
  ["two outcomes", (_, __, outcomes) => void outcomes.push(...outcomes.slice(0, 1)), /has 2 outcomes/],
  ["a missing account", (_, workos) => void workos.users.pop(), /has 0 accounts/],
  ["two accounts", (_, workos) => void workos.users.push(...workos.users.slice(0, 1)), /has 2 accounts/],
  [
    "an account made twice",
    (users, workos) => Object.assign(workos.createdByExternalId, { [users[0]?.sub ?? ""]: 2 }),
    /was created 2 times/,
  ],
  [
    "a disabled user who came in",
    (users) => void Object.assign(users[0] ?? {}, { enabled: false }),
    /is disabled and came in/,
  ],
  [
    "a wrong field",
    (_, workos) => void Object.assign(workos.users[0] ?? {}, { first_name: "Eve" }),
    /has a wrong first_name/,
  ],
  [
    "an account of a stranger",
    (_, workos) => void workos.users.push({ ...workos.users[0], id: "user_x", external_id: null } as Account),
    /holds 3 accounts for 2/,
  ],
  ["a missing membership", (_, workos) => void workos.memberships.pop(), /no membership/],
  [
    "two memberships in one organization",
    (_, workos) => void workos.memberships.push(...workos.memberships.slice(0, 1)),
    /2 memberships/,
  ],
  [
    "another role",
    (_, workos) => Object.assign(workos.memberships[1] ?? {}, { roles: [{ slug: "admins" }] }),
    /not as member/,
  ],
  [
    "a membership of nobody's tenant",
    (users) => void Object.assign(users[1]?.attributes ?? {}, { "custom:tenant": "" }),
    /nobody should have/,
  ],
  [
    "an organization made twice",
    (_, workos) => Object.assign(workos.createdOrganizations, { acme: 2 }),
    /organization acme was created 2 times/,
  ],
  [
    "a skip without a reason",
    (_, workos, outcomes) => {
      workos.users.pop();
      Object.assign(outcomes[1] ?? {}, { outcome: "skipped" });
    },
    /without a reason/,
  ],
];

test.for(FAULTS)("the audit finds %s", ([, bend, sentence]) => {
  expect(audited(bend).join("; ")).toMatch(sentence);
});
