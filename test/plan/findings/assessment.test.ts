import { expect, test } from "vitest";
import { sentenceOf } from "../../../src/domain/findings.ts";
import type { MigrationFile } from "../../../src/domain/migration.ts";
import type { SourceUser } from "../../../src/domain/pool.ts";
import { credentialsParts } from "../../../src/plan/credentials-parts.ts";
import { assessment } from "../../../src/plan/findings/assessment.ts";
import { PICKY } from "./destination.ts";
import { clientOf, fileOf, providerOf, type SetUpWish, setUpOf } from "./set-ups.ts";

function assessed(changes: Partial<MigrationFile>, wish: SetUpWish = {}) {
  return assessment(fileOf(changes), setUpOf(wish), PICKY);
}

function codes(changes: Partial<MigrationFile>, wish: SetUpWish = {}): string[] {
  return assessed(changes, wish).map(({ code }) => code);
}

/** The findings of a kind, as they are told. */
function told(code: string, changes: Partial<MigrationFile>, wish: SetUpWish = {}): string[] {
  return assessed(changes, wish)
    .filter((draft) => draft.code === code)
    .map(sentenceOf);
}

const FROM_TENANT = { organizations: { from: "attribute", attribute: "custom:tenant" } } as const;
const FIXED = { organizations: { from: "fixed", organization: "all" } } as const;

test("a pool in whose way nothing stands has its size told, and nothing else", () => {
  expect(codes({})).toEqual(["pool_size"]);
});

const VERIFIES = { email: "email", email_verified: "email_verified" };

const ROWS: [what: string, file: Partial<MigrationFile>, wish: SetUpWish, codes: string[]][] = [
  ["a trigger", {}, { shape: { triggers: ["UserMigration"] } }, ["user_migration_trigger"]],
  ["second factors", {}, { shape: { mfa: "ON" } }, ["mfa"]],
  [
    "second factors and reset mails",
    { passwordResets: { send: true } },
    { shape: { mfa: "ON" } },
    ["resets_drop_mfa", "mfa"],
  ],
  ["a mapped attribute", { attributes: { "custom:plam": "plan" } }, {}, ["attribute_unknown"]],
  ["an attribute of a join", { metadata: { a: { join: ["email", "zip"] } } }, {}, ["attribute_unknown"]],
  [
    "an attribute that orders mails",
    { passwordResets: { order: { attribute: "custom:tier", first: ["gold"] } } },
    {},
    ["attribute_unknown"],
  ],
  [
    "a tenant that users write",
    FROM_TENANT,
    { clients: [clientOf({ writeAttributes: ["custom:tenant"] })] },
    ["attribute_self_writable"],
  ],
  [
    "a tenant that a provider writes",
    { ...FROM_TENANT, providers: { Corp: { organization: "corp" } } },
    { providers: [providerOf({ attributeMapping: { "custom:tenant": "tid" } })] },
    ["attribute_from_provider"],
  ],
  ...(["OIDC", "SAML", "A_TYPE_OF_TOMORROW"] as const).map((type): (typeof ROWS)[number] => [
    `addresses that a provider of type ${type} verifies`,
    { providers: { Corp: { skip: "gone" } } },
    { providers: [providerOf({ type, attributeMapping: VERIFIES })] },
    ["verified_by_provider"],
  ]),
  ["groups that nobody uses", {}, { groups: ["editors"] }, ["groups_not_moved"]],
  [
    "a group for roles",
    { ...FIXED, roles: { from: "groups", groups: { bosses: "boss" } } },
    {},
    ["group_unknown"],
  ],
  ["the group of a pilot", { only: { group: "bosses" } }, {}, ["group_unknown"]],
  [
    "a prefix",
    { organizations: { from: "group", prefix: "org-" } },
    { groups: ["a"] },
    ["group_prefix_unknown"],
  ],
  ["a role", { ...FIXED, roles: { from: "groups", permissions: { boss: ["x"] } } }, {}, ["role_unknown"]],
  ["a provider", { providers: { Gogle: { skip: "old" } } }, {}, ["provider_unknown"]],
  ["a client", { clients: { gone: { skip: "old" } } }, {}, ["client_unknown"]],
  ["a provider to place", {}, { providers: [providerOf()] }, ["provider_without_organization"]],
  [
    "a provider without counterpart",
    {},
    { providers: [providerOf({ type: "Facebook" })] },
    ["provider_without_counterpart"],
  ],
  [
    "a machine to place",
    {},
    { clients: [clientOf({ flows: ["client_credentials"] })] },
    ["client_without_organization"],
  ],
  ["the implicit flow", {}, { clients: [clientOf({ flows: ["implicit"] })] }, ["implicit_flow"]],
  [
    "an organization of the file's that nobody has",
    { organizations: { ...FIXED.organizations, named: { ALL: { name: "All" } } } },
    {},
    ["organization_unknown"],
  ],
  ["a ledger", {}, { workplace: { ledger: { ok: false, sentence: "It is full." } } }, ["ledger_unusable"]],
  ["a store", {}, { workplace: { secrets: { ok: false, sentence: "It is full." } } }, ["secret_store"]],
  [
    "a mail sink",
    {},
    { workplace: { mails: { place: "x", proof: { ok: false, sentence: "It is down." } } } },
    ["mail_sink"],
  ],
  ["own mails", {}, { workplace: { mails: { place: "x", proof: { ok: true } } } }, ["own_mails"]],
];

test.each(ROWS)("%s is found", (_, file, wish, wanted) => {
  expect(codes(file, wish)).toEqual(["pool_size", ...wanted]);
});

test.each(["Google", "Facebook", "SignInWithApple", "LoginWithAmazon"])(
  "that %s verifies addresses is the usual thing",
  (type) => {
    const providers = [providerOf({ type, attributeMapping: VERIFIES })];
    expect(told("verified_by_provider", {}, { providers })).toEqual([]);
  },
);

test("each problem of one group is told", () => {
  const file = { ...FIXED, roles: { from: "groups" } } as const;
  expect(told("role_refused", file, { groups: ["a".repeat(55)] })).toEqual([
    expect.stringContaining("its slug is too long"),
    expect.stringContaining("its name is too long"),
  ]);
});

test("a role that others made, and that a group takes by its name alone, is told", () => {
  const wish = { groups: ["Ádmin!", "editors", "writers"], foreignRoles: ["admin", "writers", "member"] };
  const named = { writers: "writers" };
  const [sentence, ...others] = told(
    "role_taken",
    { ...FIXED, roles: { from: "groups", groups: named } },
    wish,
  );
  expect(others).toEqual([]);
  expect(sentence).toMatch(/group "Ádmin!".*role "admin".*stands at the destination/);
  expect(sentence).toContain("members get what that role may do there");
  expect(sentence).toContain('{"Ádmin!": "admin"}');
});

test("a role that others made and no group takes is nobody's matter", () => {
  const wish = { groups: ["Ádmin!"], foreignRoles: ["admin"] };
  expect(
    told("role_taken", { ...FIXED, roles: { from: "groups", groups: { "Ádmin!": null } } }, wish),
  ).toEqual([]);
  expect(
    told("role_taken", { ...FIXED, roles: { from: "groups", groups: { "Ádmin!": "boss" } } }, wish),
  ).toEqual([]);
  expect(told("role_taken", {}, wish)).toEqual([]);
});

test("organizations of groups are judged before anybody is read, by what is wrong with them", () => {
  const groups = [`org-${"a".repeat(30)}`, `org-${"b".repeat(30)}`, "org-fine"];
  const file = { organizations: { from: "group", prefix: "org-" } } as const;
  const refused = told("organization_refused", file, { groups });
  expect(refused).toHaveLength(2);
  for (const sentence of refused)
    expect(sentence).toMatch(/2 organizations, "a{30}" and "b{30}": its (name|external id)/);
});

test("an organization whose key is the external id that the file gives another one is refused", () => {
  const groups = ["org-17", "org-acme", "org-18"];
  const named = { "17": { externalId: "acme" }, "18": { externalId: "corp" } };
  const file = { organizations: { from: "group", prefix: "org-", named } } as const;
  expect(told("organization_refused", file, { groups })).toEqual([
    expect.stringMatching(/organization "acme": its external id is the one that the file gives another/),
  ]);
  // The file says it of both: they are meant to be one.
  const meant = { ...named, acme: { externalId: "acme" } };
  const one = { organizations: { from: "group", prefix: "org-", named: meant } } as const;
  expect(told("organization_refused", one, { groups })).toEqual([]);
});

test("organizations that differ in nothing but their case are told together", () => {
  const groups = ["org-Acme", "org-acme", "org-ACME", "org-Corp"];
  const file = { organizations: { from: "group", prefix: "org-" } } as const;
  expect(told("organization_twins", file, { groups })).toEqual([
    expect.stringMatching(/^The organizations "Acme", "acme" and "ACME" differ in nothing but their case/),
  ]);
});

test("an organization of a placement that differs from another's is told", () => {
  const file = {
    providers: { Corp: { organization: "Acme" } },
    clients: { "app-1": { organization: "acme" } },
  } as const;
  const wish = { providers: [providerOf()], clients: [clientOf({ flows: ["client_credentials"] })] };
  expect(told("organization_twins", file, wish)).toHaveLength(1);
});

test("names of organizations from an attribute are left to the plan", () => {
  const organizations = { ...FROM_TENANT.organizations, named: { acme: { name: "Acme" } } };
  expect(codes({ organizations })).toEqual(["pool_size"]);
});

const NEAR: [code: string, file: Partial<MigrationFile>, wish: SetUpWish, instead: string][] = [
  ["attribute_unknown", { attributes: { "custom:Plan": "plan" } }, {}, "custom:plan"],
  ["group_unknown", { only: { group: "editors " } }, { groups: ["Editors"] }, "Editors"],
  ["provider_unknown", { providers: { corp: { organization: "a" } } }, { providers: [providerOf()] }, "Corp"],
  ["client_unknown", { clients: { "APP-1": { skip: "old" } } }, { clients: [clientOf()] }, "app-1"],
  [
    "organization_unknown",
    { organizations: { ...FIXED.organizations, named: { ALL: { name: "All" } } } },
    {},
    "all",
  ],
];

test.each(NEAR)("%s says which name is nearly right", (code, file, wish, instead) => {
  expect(told(code, file, wish)).toEqual([expect.stringContaining(`Write "${instead}" and start again.`)]);
});

/** One that takes people and nothing else. */
const PEOPLE_ONLY: typeof PICKY = {
  ...PICKY,
  facts: { takes: { organizations: false, roles: false, applications: false, resets: false } },
  counterpartOf: () => ({ kind: "none", instead: "They sign in by e-mail." }),
};

test("what a destination does not take stops a file that asks for it", () => {
  const file = fileOf({ ...FIXED, roles: { from: "groups" }, passwordResets: { send: true } });
  expect(assessment(file, setUpOf(), PEOPLE_ONLY).map(({ code, subject }) => [code, subject])).toEqual([
    ["pool_size", expect.anything()],
    ["not_taken", "organizations"],
    ["not_taken", "roles"],
    ["not_taken", "passwordResets"],
  ]);
  expect(assessment(fileOf(), setUpOf(), PEOPLE_ONLY).map(({ code }) => code)).toEqual(["pool_size"]);
});

test("providers and app clients without a counterpart are told, whatever the file makes of them, and stop nobody", () => {
  const wish: SetUpWish = {
    providers: [providerOf({ name: "Corp", type: "OIDC" })],
    clients: [
      clientOf({ id: "web", flows: ["code"] }),
      clientOf({ id: "job", flows: ["client_credentials"] }),
    ],
  };
  const file = fileOf({ providers: { Corp: { organization: "acme" } } });
  const drafts = assessment(file, setUpOf(wish), PEOPLE_ONLY);
  expect(drafts.map(({ code, severity }) => [code, severity])).toEqual([
    ["pool_size", "info"],
    ["provider_without_counterpart", "warning"],
    ["client_without_counterpart", "warning"],
    ["client_without_counterpart", "warning"],
  ]);
  expect(credentialsParts(file, setUpOf(wish).configuration, PEOPLE_ONLY)).toEqual([]);
});

test("whom the file names to be mailed first, and who gets no mail, is a blocker with the reason", () => {
  const subs = ["mailed", "gone", "off", "federated", "never", "mistyped", "left", "+49 30 123456"];
  const user = (sub: string, changes: Partial<SourceUser> = {}): SourceUser => ({
    sub,
    username: sub,
    attributes: { email: `${sub}@example.com`, email_verified: "true" },
    status: "CONFIRMED",
    enabled: true,
    createdAtMs: 1,
    modifiedAtMs: 1,
    identities: [],
    identitiesBroken: false,
    ...changes,
  });
  const canary = [
    { sub: "mailed", user: user("mailed") },
    { sub: "gone", user: null },
    { sub: "off", user: user("off", { enabled: false }) },
    { sub: "federated", user: user("federated", { status: "EXTERNAL_PROVIDER" }) },
    { sub: "never", user: user("never", { status: "UNCONFIRMED" }) },
    { sub: "mistyped", user: user("mistyped", { attributes: { email: "mistyped@example.com" } }) },
    { sub: "left", user: user("left") },
    { sub: "+49 30 123456", user: null },
  ];
  const file = {
    passwordResets: { send: true, canary: subs, unverified: "skip" },
    users: { decisions: { left: "skip" } },
  } as const;
  expect(told("canary_unmailed", file, { canary })).toEqual([
    expect.stringMatching(
      /^"passwordResets\.canary" names 7 people who get no reset mail: "gone" \(not in the pool\), "off" \(disabled\), "federated" \(federated\), "never" \(not_confirmed\), "mistyped" \(unverified\) and 2 more\./,
    ),
  ]);
  const one = told("canary_unmailed", file, { canary: canary.slice(-1) });
  expect(one).toEqual([
    expect.stringContaining("somebody who gets no reset mail: number 8, which may be an address"),
  ]);
  expect(told("canary_unmailed", file, { canary: canary.slice(0, 1) })).toEqual([]);
});
