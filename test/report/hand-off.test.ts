import { expect, test } from "vitest";
import { vendorOf } from "../../src/destinations/registry.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import type { ChangedSince } from "../../src/ledger/changed-since.ts";
import { handOff } from "../../src/report/handoff/hand-off.ts";
import type { ResetCounts } from "../../src/report/reset-tally.ts";
import { readSetUp } from "../../src/report/set-up.ts";
import { OutcomeTally, undecidedOf } from "../../src/report/tally.ts";
import { activeTokens, renderedTokens } from "../domain/render.ts";
import { freshSqlite } from "../ledger/ledgers.ts";
import { ENVIRONMENT, ownedMigration, POOL_ID } from "./pools.ts";
import { checkOf, clientOf, providerOf, SAML, type SeededSetUp, seedSetUp, shapeOf } from "./set-ups.ts";

async function handOffOf(
  setUp: SeededSetUp,
  file: Partial<MigrationFile> = {},
  peopleWithAttributes = 0,
  resets: Partial<ResetCounts> = {},
  people: readonly Ended[] = [],
  changedSince: ChangedSince = { disabled: 0, otherAddress: 0 },
): Promise<string> {
  const tally = new OutcomeTally();
  for (const one of people) tally.add(one);
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger, file);
  await seedSetUp(ledger, migration, setUp);
  const vendor = vendorOf("workos");
  const read = await readSetUp(ledger, migration, vendor.rules);
  return handOff({
    migration,
    setUp: read,
    vendor,
    peopleWithAttributes,
    changedSince,
    summary: {
      mode: file.dryRun ? "plan" : "run",
      ...tally.counts(),
      resets: { ...NO_RESETS, ...resets },
    },
  });
}

type Ended = Parameters<OutcomeTally["add"]>[0];

const WAITING: Ended = { outcome: "skipped", reason: "decision_nobody_verified" };
const NO_RESETS: ResetCounts = { mailed: 0, unsettled: 0, failed: 0, open: 0, notMailed: [] };
const IN_ACME = { organization: "acme" };

test("whoever was disabled or has another address since the import is counted, and is something to do", async () => {
  const none = await handOffOf({});
  expect(none).not.toContain("since");
  const text = await handOffOf({}, {}, 0, {}, [], { disabled: 1, otherAddress: 1_200 });
  expect(text).toContain("| of these disabled in Cognito since, and the account works | 1 |");
  expect(text).toContain("| of these with another address in Cognito than the account has | 1,200 |");
  expect(text).toContain("- [ ] Remove the account of 1 person disabled in Cognito since the import,");
  expect(text).toContain("- [ ] Decide about the accounts of 1,200 people with another address");
});

test("a verified provider leaves nothing to do", async () => {
  const text = await handOffOf({
    providers: [providerOf("Google")],
    checks: [checkOf("Google", { state: "verified" })],
    identities: { Google: 12_345 },
  });
  expect(text).toContain("| Google | Google | 12,345 | verified |");
  expect(text).not.toContain("### Google");
  expect(text).not.toContain("Set up Google");
});

test("a provider that somebody signed in with by hand is verified with their word", async () => {
  const text = await handOffOf({
    providers: [providerOf("Okta", { type: "SAML" })],
    checks: [checkOf("Okta", { state: "verified", reason: "Ada signed in | on Monday" })],
  });
  expect(text).toContain("| verified by hand: Ada signed in \\| on Monday |");
});

test("a provider that is missing says what was found and what to do", async () => {
  const text = await handOffOf({
    providers: [providerOf("Google")],
    checks: [checkOf("Google", { fault: "wrong_client_id", found: "another|client" })],
  });
  expect(text).toContain("not verified: The destination leads to the provider with another client id.");
  expect(text).toContain("Found: another\\|client |");
  expect(text).toContain("### Google\n\n- Open `https://dashboard.workos.com/`");
  expect(text).toContain("`./spillway credentials reveal Google`");
  expect(text).toContain("- [ ] Set up Google: the steps stand below.");
});

test("who skips a provider and who has none is told what their people do", async () => {
  const text = await handOffOf(
    {
      providers: [providerOf("Old"), providerOf("Kept"), providerOf("Facebook", { type: "Facebook" })],
      checks: [
        checkOf("Kept", { state: "skipped", reason: "turned off", earlier: 1 }),
        checkOf("Old", { state: "skipped", reason: "nobody uses it" }),
        checkOf("Facebook", { state: "none", reason: "They sign in by e-mail." }),
      ],
      identities: { Facebook: 7 },
    },
    { providers: { Old: { skip: "nobody uses it" } } },
  );
  expect(text).toContain("| Old | Google | 0 | skipped: nobody uses it |");
  expect(text).toContain("| Kept | Google | 0 | skipped since an earlier run: turned off |");
  expect(text).toContain("| Facebook | Facebook | 7 | no counterpart |");
  expect(text).toContain("- It has 0 identities in the pool. They sign in by e-mail: with a code, or");
  expect(text).toContain("- It has 7 identities in the pool. They sign in by e-mail: with a code");
  expect(text).not.toContain("- [ ] Tell the people of Old how they sign in: it was skipped.");
  expect(text).toContain("- [ ] Tell the people of Facebook how they sign in: it has no counterpart.");
});

test("a provider that a pilot did not need is still to be set up, and nobody is told to sign in otherwise", async () => {
  const text = await handOffOf({
    providers: [providerOf("Google"), providerOf("Okta")],
    checks: [checkOf("Google", { state: "open" }), checkOf("Okta", { state: "open" })],
    identities: { Google: 40 },
  });
  expect(text).toContain("| Google | Google | 40 | not looked at: the pilot did not need it |");
  expect(text).toContain("### Google\n\n- Open `https://dashboard.workos.com/`");
  expect(text).toContain("- [ ] Set up Google before everyone comes: the steps stand below.");
  expect(text).toContain("- [ ] Set up Okta before everyone comes: the steps stand below.");
  expect(text).not.toContain("sign in by e-mail");
});

test("what the file and the destination settle is known before anybody has looked", async () => {
  const text = await handOffOf(
    { providers: [providerOf("Old"), providerOf("Facebook", { type: "Facebook" }), providerOf("Google")] },
    { providers: { Old: { skip: "nobody uses it" } } },
  );
  expect(text).toContain("| Old | Google | 0 | skipped: nobody uses it |");
  expect(text).toContain("| Facebook | Facebook | 0 | no counterpart |");
  expect(text).toContain("| Google | Google | 0 | not looked at yet |");
});

test("a SAML provider learns the new address though it is verified", async () => {
  const setUp = {
    providers: [providerOf("Okta", SAML)],
    checks: [checkOf("Okta", { state: "verified" as const })],
  };
  expect(await handOffOf(setUp, { providers: { Okta: IN_ACME } })).toContain(
    `added at Okta; the entity id stays \`urn:amazon:cognito:sp:${POOL_ID}\`.`,
  );
  expect(await handOffOf(setUp, { providers: { Okta: IN_ACME }, samlEntityId: "new" })).toContain(
    "added at Okta, and the entity id that it shows.",
  );
});

test("addresses are those of the domain that applications use", async () => {
  const hosted = `https://acme.auth.eu-west-1.amazoncognito.com`;
  const own = await handOffOf({ shape: shapeOf({ domain: "acme", customDomain: "login.example.com" }) });
  expect(own).toContain(
    "| `https://login.example.com/oauth2/token` | `https://api.workos.com/user_management/authenticate` | `https://<your AuthKit domain>/oauth2/token` |",
  );
  expect(own).toContain(`\`${hosted}\` leads to the same as \`https://login.example.com\`.`);
  const prefix = await handOffOf({ shape: shapeOf({ domain: "acme" }) });
  expect(prefix).toContain(`| \`${hosted}/logout\` |`);
  expect(prefix).not.toContain("leads to the same");
});

test("a pool without a domain has the addresses of its issuer", async () => {
  const text = await handOffOf({ shape: shapeOf() });
  const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${POOL_ID}`;
  expect(text).toContain(
    `| \`${issuer}/.well-known/jwks.json\` | \`https://api.workos.com/sso/jwks/${ENVIRONMENT}\` |`,
  );
  expect(text).toContain(
    `| \`${issuer}\` | \`https://api.workos.com/user_management/${ENVIRONMENT}\`, compare it`,
  );
  expect(text).not.toContain("amazoncognito.com");
});

test("a pool whose issuer is of AWS's newer type is told by that one", async () => {
  const issuer = `https://issuer-cognito-idp.eu-west-1.amazonaws.com/${POOL_ID}`;
  const text = await handOffOf({ shape: shapeOf({ issuer }) });
  expect(text).toContain(`| \`${issuer}\` |`);
  expect(text).toContain(`| \`${issuer}/.well-known/jwks.json\` |`);
});

test("every trigger has a replacement or says that it is unknown", async () => {
  const text = await handOffOf({ shape: shapeOf({ triggers: ["PreTokenGeneration", "OfTomorrow"] }) });
  expect(text).toContain("| `PreTokenGeneration` | A JWT template");
  expect(text).toContain("| `OfTomorrow` | Not known to Spillway:");
  expect(text).toContain("- [ ] Replace `OfTomorrow`: see the table below.");
});

test("each application is told its new client id", async () => {
  const text = await handOffOf({
    clients: [clientOf("a"), clientOf("b", { isConfidential: false }), clientOf("c")],
    applications: ["a", "b"],
  });
  expect(text).toContain(
    `| App a | \`a\` | application | \`client_a\` | in the secret store as ${`${POOL_ID}/${ENVIRONMENT}`.replaceAll("_", "\\_")}/a | \`https://a.example.com/callback\` |`,
  );
  expect(text).toContain(
    "- [ ] Change client id and client secret in App a (`a`): the new id is `client_a`.",
  );
  expect(text).toContain("- [ ] Change client id in App b (`b`): the new id is `client_b`.");
  expect(text).toContain("- [ ] App c (`c`): Not made yet.");
});

test("MFA, groups and attributes that stay behind are on the list", async () => {
  const group = (name: string) => ({ name, description: "", precedence: null });
  const text = await handOffOf(
    { shape: shapeOf({ mfa: "OPTIONAL" }), groups: [group("staff"), group(`${POOL_ID}_Google`)] },
    {},
    1_234,
  );
  expect(text).toContain("- [ ] MFA is OPTIONAL in the pool");
  expect(text).toContain("- [ ] Groups that became neither a role nor an organization: `staff`.");
  expect(text).toMatch(/- \[ \] Load `attributes\.jsonl` .*: 1,234 people have/);
  const moved = await handOffOf(
    { shape: shapeOf(), groups: [group("staff")] },
    { organizations: { from: "fixed", organization: "all" }, roles: { from: "groups" } },
  );
  expect(moved).not.toMatch(/MFA is|Groups that|attributes\.jsonl/);
});

test("whom no reset mail reached is on the list with what to do, the others are counted", async () => {
  const text = await handOffOf({}, {}, 0, {
    mailed: 1_000,
    unsettled: 2,
    failed: 1,
    notMailed: [
      { reason: "federated", people: 4_321 },
      { reason: "unverified", people: 12 },
      { reason: "other_domain", people: 1 },
    ],
  });
  expect(text).toContain(
    "- [ ] Ask the 2 people whom `resets.csv` lists as `unsettled` whether the reset mail came:",
  );
  expect(text).toContain(
    "- [ ] Look at the person whom `resets.csv` lists as `failed`, where the reason stands beside each: the next run tries them once more",
  );
  // Who asks for a mail themselves is judged by the same rules.
  expect(text).toMatch(
    /- \[ \] For the 12 people whom `resets\.csv` lists as `unverified`: .* Have the address verified in Cognito and start again; or .*`"unverified": "send"`\. The bridge mails none of them before\./,
  );
  expect(text).toMatch(/- \[ \] For the person whom `resets\.csv` lists as `other_domain`: .*Widen/);
  expect(text).not.toContain("leave them to");
  expect(text).not.toContain("lists as `federated`");
  expect(text).toContain("| mailed | 1,000 | The mail is out. |");
  // Mail servers and webhooks refuse as well, and some mails fail because nobody could be asked.
  expect(text).toContain("| failed | 1 | It failed; the reason that `resets.csv` gives says why. |");
  expect(text).toContain(
    "| not mailed: `federated` | 4,321 | Signs in at an identity provider and has no password. Nothing to do: they sign in with their provider, as before; where it does not come along, by e-mail. |",
  );
});

test("without a campaign nothing is said of reset mails", async () => {
  expect(await handOffOf({ shape: shapeOf() })).not.toMatch(/reset/i);
});

test("more groups than fit are counted", async () => {
  const groups = Array.from({ length: 25 }, (_, index) => ({
    name: `g${index}`,
    description: "",
    precedence: null,
  }));
  expect(await handOffOf({ groups })).toMatch(/`g0`, .* and 5 more\./);
});

test("names from outside cannot break the document", async () => {
  const evil =
    "a | b\n## c `d` <e> https://evil.example/ www.evil.example eve@evil.example ![x](//evil.example)";
  const text = await handOffOf({
    providers: [
      providerOf(evil),
      providerOf(`${evil}2`, { type: "Facebook" }),
      providerOf(`${evil}3`, { ...SAML, clientId: null }),
    ],
    clients: [clientOf("x", { name: evil, callbackUrls: ["https://x/?a|b"] })],
    groups: [{ name: evil, description: "", precedence: null }],
    checks: [checkOf(evil, { fault: "wrong_client_id", found: evil })],
  });
  expect(activeTokens(text).filter((token) => !/^heading: #+ [A-Z]/.test(token))).toEqual(
    [1, 2, 3].map(() =>
      expect.stringMatching(/^heading: ### a \\\| b \\#\\# c \\`d\\` \\<e\\> `https:\/\/evil\.example\/` /),
    ),
  );
  const tables = renderedTokens(text).filter(({ type }) => type === "table");
  const columns = tables.map((table) => ("header" in table ? table.header.length : 0));
  expect(columns).toEqual([2, 4, 6, 3]);
});

test("a pool that nobody has looked at says so", async () => {
  const text = await handOffOf({});
  expect(text).toContain("No run has looked at the pool's set-up yet");
  expect(text).not.toMatch(/^## (Identity providers|Applications|Lambda triggers)/m);
});

test("the document begins with how many people ended how", async () => {
  const people: Ended[] = [
    ...Array(1_200).fill({ outcome: "imported", reason: null }),
    { outcome: "merged", reason: "merged_same_email" },
    { outcome: "failed", reason: "user_creation_error" },
  ];
  const text = await handOffOf({}, {}, 0, { mailed: 7, open: 2 }, people);
  const [table] = text.split("## Checklist");
  for (const row of [
    "| listed by Cognito | 1,202 |",
    "| imported | 1,200 |",
    "| merged | 1 |",
    "| skipped | 0 |",
    "| failed | 1 |",
    "| open | 0 |",
    "| mailed a link to reset their password | 7 |",
    "| still to be mailed one | 2 |",
  ])
    expect(table).toContain(row);
  expect(table).not.toContain("plan");
});

test("a plan's document says that nothing was written", async () => {
  expect(await handOffOf({}, { dryRun: true })).toContain("**This is a plan.** Nothing was written");
});

test("people who wait for a decision are left to do, and say where they stand", async () => {
  expect(await handOffOf({})).not.toContain("for a decision");
  const text = await handOffOf({}, {}, 0, {}, Array(1_044).fill(WAITING));
  expect(text).toMatch(
    /### People\n\n- \[ \] 1,044 people wait for a decision: `\.\/spillway decide FILE` shows/,
  );
  expect(text).toContain("`./spillway decide FILE`");
});

test("whoever the plan leaves to a person counts as waiting for a decision", () => {
  const tally = new OutcomeTally();
  for (const reason of ["decision_nobody_verified", "decision_too_many", "disabled"])
    tally.add({ outcome: "skipped", reason });
  expect(undecidedOf(tally.counts())).toBe(2);
});
