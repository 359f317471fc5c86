import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { ownedRun } from "../activities/owned-run.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import {
  type BridgeRig,
  emailOf,
  fileOf,
  keepPool,
  nextRun,
  type PersonParts,
  startBridge,
  useFile,
} from "./rig.ts";

/** Whom a forgotten password mails, and makes an account for: by the campaign's rules, and by what Cognito says today. */

const mails = (rig: BridgeRig) =>
  rig.calls().workos.filter((entry) => entry === "createPasswordReset 201").length;

async function forgot(rig: BridgeRig, email: string) {
  const answer = await rig.post("/forgot-password", { email });
  expect(answer).toMatchObject({ status: 202, text: '{"outcome":"accepted"}' });
  await rig.serving.bridge.context.afterAnswers.idle();
}

const troubles = async (rig: BridgeRig) => (await fetch(`${rig.url}/metrics`)).text();

/** What becomes of somebody in Cognito after the snapshot. */
const SINCE: [string, (rig: BridgeRig, user: PoolUser) => unknown][] = [
  ["is disabled since", (_, user) => Object.assign(user, { enabled: false })],
  ["is gone since", ({ cognito }, user) => cognito.pool.users.splice(cognito.pool.users.indexOf(user), 1)],
  [
    "has another address since, and somebody else has theirs",
    async (rig, user) => {
      await rig.add({ email: emailOf(user) }, false);
      user.attributes.email = "moved.on@example.com";
    },
  ],
  [
    "has an address that is verified no more",
    (_, user) => Object.assign(user.attributes, { email_verified: "false" }),
  ],
  ["has another status since", (_, user) => Object.assign(user, { status: "COMPROMISED" })],
];

test.each(SINCE)("somebody not moved yet who %s is neither made nor mailed", async (_, change) => {
  const rig = await startBridge();
  const user = await rig.add();
  const email = emailOf(user);
  await change(rig, user);
  await forgot(rig, email);
  expect(rig.workos.state().users).toEqual([]);
  expect(mails(rig)).toBe(0);
});

test.each(SINCE)("somebody with an account who %s is not mailed", async (_, change) => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user);
  const email = emailOf(user);
  await change(rig, user);
  await forgot(rig, email);
  expect(mails(rig)).toBe(0);
});

test("somebody who signs in at the destination is its own, whatever Cognito says of their address; not once disabled", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const email = emailOf(user);
  await rig.imported(user, { lastSignInAt: "2026-01-01T00:00:00.000Z" });
  user.attributes.email = "moved.on@example.com";
  await forgot(rig, email);
  expect(mails(rig)).toBe(1);
  user.enabled = false;
  await forgot(rig, email);
  expect(mails(rig)).toBe(1);
});

test("no flag of another address sends a mail to a mistyped one that nobody verified", async () => {
  const rig = await startBridge();
  const user = await rig.add({ email: "typo@example.com", emailVerified: false });
  await rig.imported(user, { verified: false, lastSignInAt: "2026-01-01T00:00:00.000Z" });
  Object.assign(user.attributes, { email: "ada.right@example.com", email_verified: "true" });
  for (const unverified of ["undecided", "send"] as const) {
    await nextRun(rig, { passwordResets: { unverified } }, [{ user }]);
    await forgot(rig, "typo@example.com");
    expect(mails(rig)).toBe(0);
  }
});

test.each([
  [
    "throttled",
    { kind: "status", status: 400, body: { __type: "TooManyRequestsException", message: "Rate exceeded" } },
  ],
  ["down", { kind: "status", status: 500, body: { __type: "InternalErrorException", message: "…" } }],
  [
    "not allowed",
    { kind: "status", status: 400, body: { __type: "AccessDeniedException", message: "ListUsers" } },
  ],
] as const)("where Cognito is %s nobody is made or mailed, and operators hear of it", async (_, effect) => {
  const rig = await startBridge();
  const [fresh, imported] = [await rig.add(), await rig.add()];
  await rig.imported(imported);
  rig.cognito.faults.add({ match: { operation: "ListUsers" }, times: 99, effect });
  await Promise.all([fresh, imported].map((user) => forgot(rig, emailOf(user))));
  expect(rig.workos.state().users).toHaveLength(1);
  expect(mails(rig)).toBe(0);
  expect(await troubles(rig)).toContain('spillway_bridge_trouble_total{code="source_not_asked"} 2');
  rig.cognito.faults.clear();
  await forgot(rig, emailOf(imported));
  expect(mails(rig)).toBe(1);
});

test("a Cognito that is too busy for a moment costs nobody their mail", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const body = { __type: "TooManyRequestsException", message: "Rate exceeded" };
  const effect = { kind: "status", status: 400, body } as const;
  rig.cognito.faults.add({ match: { operation: "ListUsers" }, times: 1, effect });
  await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(1);
});

/** Whom the campaign mails under no file, or not under this one. */
const REFUSED: [string, PersonParts, (user: PoolUser) => Partial<MigrationFile>][] = [
  ["is disabled", { enabled: false }, () => ({})],
  ["signs in at a provider alone", { status: "EXTERNAL_PROVIDER" }, () => ({})],
  ["never confirmed", { status: "UNCONFIRMED" }, () => ({ passwordResets: { unverified: "send" } })],
  ["is compromised", { status: "COMPROMISED" }, () => ({ users: { quarantined: "import" } })],
  ["is archived", { status: "ARCHIVED" }, () => ({})],
  ["is left out by name", {}, ({ sub }) => ({ users: { decisions: { [sub]: "skip" } } })],
  ["has an address of another domain", {}, () => ({ passwordResets: { onlyDomains: ["ours.example"] } })],
];

/** A bridge whose file is about somebody who is in its pool. */
async function refusedBridge(parts: PersonParts, fileFor: (user: PoolUser) => Partial<MigrationFile>) {
  const rig = await startBridge();
  const user = await rig.add(parts);
  await useFile(rig, fileFor(user));
  return { rig, user };
}

test.each(REFUSED)("somebody who %s is neither made nor mailed", async (_, parts, fileFor) => {
  const { rig, user } = await refusedBridge(parts, fileFor);
  await forgot(rig, emailOf(user));
  expect(rig.workos.state().users).toEqual([]);
  expect(mails(rig)).toBe(0);
});

test.each(REFUSED)("somebody with an account who %s is not mailed", async (_, parts, fileFor) => {
  const { rig, user } = await refusedBridge(parts, fileFor);
  await rig.imported(user);
  await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(0);
});

test.each(REFUSED)(
  "somebody who %s is not mailed to an account that stood there before",
  async (_, parts, fileFor) => {
    const { rig, user } = await refusedBridge(parts, fileFor);
    rig.workos.seed([{ email: emailOf(user), email_verified: true }]);
    await forgot(rig, emailOf(user));
    expect(mails(rig)).toBe(0);
  },
);

test("a rehearsal mails no stranger of another domain either", async () => {
  const rig = await startBridge({ file: { passwordResets: { onlyDomains: ["ours.example"] } } });
  rig.workos.seed([{ email: "stranger@example.com", email_verified: true }]);
  rig.workos.seed([{ email: "colleague@ours.example", email_verified: true }]);
  await forgot(rig, "stranger@example.com");
  expect(mails(rig)).toBe(0);
  await forgot(rig, "colleague@ours.example");
  expect(mails(rig)).toBe(1);
});

/** A pool with second factors, as the newest run read it. */
async function withSecondFactors(file: Partial<MigrationFile>): Promise<BridgeRig> {
  const rig = await startBridge({ file });
  await keepPool(rig, { mfa: "OPTIONAL" });
  return rig;
}

test("no mail drops a second factor unless the file says so", async () => {
  const rig = await withSecondFactors({});
  const [fresh, imported, settled] = [await rig.add(), await rig.add(), await rig.add()];
  await rig.imported(imported);
  await rig.imported(settled, { lastSignInAt: "2026-01-01T00:00:00.000Z" });
  for (const user of [fresh, imported]) await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(0);
  expect(rig.workos.state().users).toHaveLength(2);
  expect(await troubles(rig)).toContain('spillway_bridge_trouble_total{code="mfa_loss_not_accepted"} 2');
  // Whatever factor there is, is the destination's own by now.
  await forgot(rig, emailOf(settled));
  expect(mails(rig)).toBe(1);
  const accepting = await withSecondFactors({ passwordResets: { acceptMfaLoss: true } });
  const user = await accepting.add();
  await forgot(accepting, emailOf(user));
  expect(mails(accepting)).toBe(1);
});

test("second factors that the pool has got since the last run are no less dropped", async () => {
  const rig = await startBridge();
  const [fresh, imported, settled] = [await rig.add(), await rig.add(), await rig.add()];
  await rig.imported(imported);
  await rig.imported(settled, { lastSignInAt: "2026-01-01T00:00:00.000Z" });
  rig.cognito.pool.mfa = "ON";
  for (const user of [fresh, imported]) await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(0);
  expect(rig.workos.state().users).toHaveLength(2);
  expect(await troubles(rig)).toContain('spillway_bridge_trouble_total{code="mfa_loss_not_accepted"} 2');
  const described = () => rig.calls().cognito.filter((entry) => entry === "DescribeUserPool 200").length;
  expect(described()).toBe(1);
  await forgot(rig, emailOf(settled));
  expect(mails(rig)).toBe(1);
  await useFile(rig, { passwordResets: { acceptMfaLoss: true } });
  await forgot(rig, emailOf(fresh));
  expect(mails(rig)).toBe(2);
  expect(described()).toBe(1);
});

test("where Cognito does not say whether the pool has second factors nobody is made or mailed", async () => {
  const rig = await startBridge({ cognito: { denied: "DescribeUserPool" } });
  const warnings: unknown[] = [];
  rig.serving.bridge.context.logger.warn = (fields: unknown) => {
    warnings.push(fields);
  };
  const [fresh, imported] = [await rig.add(), await rig.add()];
  await rig.imported(imported);
  for (const user of [fresh, imported]) await forgot(rig, emailOf(user));
  expect(rig.workos.state().users).toHaveLength(1);
  expect(mails(rig)).toBe(0);
  expect(await troubles(rig)).toContain('spillway_bridge_trouble_total{code="source_not_asked"} 2');
  const warning = { code: "source_not_asked", cause: "DescribeUserPool: AccessDeniedException" };
  expect(warnings).toEqual([warning, warning]);
  rig.cognito.setOptions({ denied: null });
  for (const user of [fresh, imported]) await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(2);
});

test("an account of another pool in the same environment is left to that pool's bridge", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const other = await ownedRun(
    rig.ledger,
    { poolId: "eu-west-1_Other", destinationKind: "workos", environment: rig.workos.clientId },
    fileOf("eu-west-1_Other", {}),
    "another",
  );
  const [account] = rig.workos.seed([
    { email: emailOf(user), email_verified: true, external_id: "a-person-of-the-other-pool" },
  ]);
  await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(1);
  const fact = {
    destinationId: account?.id ?? "",
    how: "created",
    fingerprint: null,
    details: null,
  } as const;
  await rig.ledger.write((tx) =>
    noteStanding(tx, other.migrationId, [
      { kind: "user", key: "a-person-of-the-other-pool", firstClaimedAtMs: 1, ...fact },
    ]),
  );
  await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(1);
});

test.each([
  ["disabled", { enabled: false }],
  ["of another address", { attributes: { email: "moved.on@example.com" } }],
])("a sign-in whose person is %s a moment later makes no account", async (_, change) => {
  const rig = await startBridge();
  const user = await rig.add();
  const email = emailOf(user);
  const held = Promise.withResolvers<void>();
  rig.cognito.faults.add({
    match: { operation: "ListUsers" },
    times: 1,
    effect: { kind: "hold", until: held.promise },
  });
  const answer = rig.signIn(email);
  await expect.poll(() => rig.calls().cognito).toContain("AdminInitiateAuth 200");
  const { attributes, ...fields } = { attributes: {}, ...change };
  Object.assign(user, fields);
  Object.assign(user.attributes, attributes);
  held.resolve();
  expect((await answer).status).toBe(503);
  expect(rig.workos.state().users).toEqual([]);
});
