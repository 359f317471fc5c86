import { expect, test } from "vitest";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import {
  type Answered,
  type BridgeRig,
  call,
  emailOf,
  PASSWORD,
  type RigWish,
  SECRET,
  startBridge,
} from "./rig.ts";

/** One person's first sign-ins, many at once, all with the right password: as many tabs, or one that is impatient. */

const WISH = {
  workos: { options: { unlimited: true } },
  settings: { SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "1000" },
} satisfies RigWish;

function counted(answers: readonly Answered[]): Record<string, number> {
  const counts = Map.groupBy(answers, ({ status, body }) => `${status} ${body.outcome}`);
  return Object.fromEntries([...counts].map(([answer, { length }]) => [answer, length]));
}

/** Over as many bridges as there are URLs, in turn. */
function signInAtOnce(urls: readonly string[], email: string, count: number): Promise<Answered[]> {
  const headers = { authorization: `Bearer ${SECRET}` };
  const tries = Array.from({ length: count }, (_, index) =>
    call(urls[index % urls.length] ?? "", "/sign-in", { email, password: PASSWORD }, headers),
  );
  return Promise.all(tries);
}

function expectOneAccount({ workos }: BridgeRig): void {
  const [account, ...others] = workos.state().users;
  expect(others).toEqual([]);
  expect(workos.passwordIs(account?.id ?? "", PASSWORD)).toBe(true);
}

test.each([
  { count: 20, isImported: true },
  { count: 20, isImported: false },
  { count: 50, isImported: true },
  { count: 50, isImported: false },
])("$count at once all succeed, imported: $isImported", async ({ count, isImported }) => {
  const rig = await startBridge(WISH);
  const user = await rig.add();
  if (isImported) await rig.imported(user);
  const answers = await signInAtOnce([rig.url], emailOf(user), count);
  expect(counted(answers)).toEqual({ "200 signed_in": count });
  expectOneAccount(rig);
  const asked = isImported ? ["AdminInitiateAuth 200"] : ["AdminInitiateAuth 200", "ListUsers 200"];
  expect(rig.calls().cognito).toEqual(asked);
});

test.each([true, false])("so they do over three bridges on PostgreSQL, imported: %s", async (isImported) => {
  const rig = await startBridge({ ...WISH, ledgerUrl: await freshPostgresDatabase() });
  const urls = [rig.url, (await rig.another()).serving.url, (await rig.another()).serving.url];
  const user = await rig.add();
  if (isImported) await rig.imported(user);
  const answers = await signInAtOnce(urls, emailOf(user), 50);
  expect(counted(answers)).toEqual({ "200 signed_in": 50 });
  expectOneAccount(rig);
});

test("so they do while a new account shows in no look-up by address or key", async () => {
  const rig = await startBridge({ ...WISH, workos: { options: { unlimited: true, lookupLagMs: 600 } } });
  const user = await rig.add();
  const answers = await signInAtOnce([rig.url], emailOf(user), 20);
  expect(counted(answers)).toEqual({ "200 signed_in": 20 });
  expectOneAccount(rig);
});

test("an account that shows by its id alone signs in", async () => {
  const rig = await startBridge({ ...WISH, workos: { options: { unlimited: true, lookupLagMs: 600_000 } } });
  const user = await rig.add();
  rig.workos.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: { kind: "status", status: 503 },
  });
  expect((await rig.signIn(emailOf(user))).status).toBe(503);
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  expectOneAccount(rig);
});

test("a password that WorkOS takes only once is right for all of them", async () => {
  const rig = await startBridge(WISH);
  const user = await rig.add();
  const accountId = await rig.imported(user);
  // WorkOS docs, "Email + Password": the policy may reject passwords that were used before.
  rig.workos.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: {
      kind: "status",
      status: 400,
      body: { code: "password_strength_error", message: "It was used before.", errors: [] },
    },
  });
  rig.cognito.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "delay", ms: 300 },
  });
  const signingIn = rig.signIn(emailOf(user));
  await expect.poll(() => rig.calls().cognito.length, { timeout: 20_000 }).toBe(1);
  // Another tab brought it over meanwhile.
  rig.workos.setPassword(accountId, PASSWORD);
  expect(await signingIn).toMatchObject({ status: 200 });
});

test("within WorkOS's limit of an address they are signed in or asked to wait, and none is wrong", async () => {
  const rig = await startBridge({ ...WISH, workos: { options: {} } });
  const user = await rig.add();
  await rig.imported(user);
  const answers = await signInAtOnce([rig.url], emailOf(user), 20);
  const { "200 signed_in": signedIn = 0, "429 throttled": throttled = 0 } = counted(answers);
  // Of ten calls the first one was refused, before the password stood there.
  expect([signedIn, throttled]).toEqual([9, 11]);
});

test("with the wrong password none of them comes in", async () => {
  const rig = await startBridge(WISH);
  const user = await rig.add();
  await rig.imported(user);
  user.password = "Another-One-9";
  const answers = counted(await signInAtOnce([rig.url], emailOf(user), 20));
  const { "401 wrong": wrong = 0, "429 throttled": throttled = 0 } = answers;
  // Cognito locks an account for a second after five wrong passwords.
  expect(wrong).toBeGreaterThanOrEqual(5);
  expect(wrong + throttled).toBe(20);
});

test("wrong passwords hold up nobody who has the right one", async () => {
  const settings = { ...WISH.settings, SPILLWAY_BRIDGE_REFUSAL_MS: "3000" };
  const rig = await startBridge({ ...WISH, settings });
  const user = await rig.add();
  await rig.imported(user);
  const order: number[] = [];
  const told = async (password: string) => order.push((await rig.signIn(emailOf(user), password)).status);
  const wrong = Array.from({ length: 4 }, () => told("Not-The-One-9"));
  await Promise.race([told(PASSWORD), ...wrong]);
  expect(order).toEqual([200]);
  await Promise.all(wrong);
});
