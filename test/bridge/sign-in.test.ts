import { expect, test } from "vitest";
import { noteRemoved } from "../../src/ledger/placed.ts";
import { setClusterKey } from "../../src/ledger/source-users.ts";
import type { Exchange } from "../doubles/cognito/double.ts";
import { asking } from "./asking-vendor.ts";
import { emailOf, itemOf, moveOf, PASSWORD, startBridge } from "./rig.ts";

const WRONG = { outcome: "wrong", show: "wrong" };

test("somebody imported signs in with the old password once, and then at WorkOS alone", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const accountId = await rig.imported(user);

  const first = await rig.signIn(emailOf(user));
  expect(first).toMatchObject({
    status: 200,
    body: { outcome: "signed_in", show: "session", session: { user: { id: accountId } } },
  });
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(true);
  expect(await moveOf(rig, user.sub)).toMatchObject({
    destinationId: accountId,
    movedAtMs: expect.any(Number),
  });

  const before = rig.calls();
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  const after = rig.calls();
  expect(after.cognito).toEqual(before.cognito);
  const asked = after.workos.slice(before.workos.length);
  // The poller asks for events by itself.
  expect(asked.filter((call) => !call.startsWith("listEvents"))).toEqual(["authenticate 200"]);
});

test("somebody not imported yet gets an account by the plan's rules, and the import is done with them", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const answer = await rig.signIn(emailOf(user).toUpperCase());
  expect(answer).toMatchObject({
    status: 200,
    body: {
      session: {
        user: { external_id: user.sub, email: emailOf(user), email_verified: true, first_name: "Ada" },
      },
    },
  });
  const [account] = rig.workos.state().users;
  expect(await itemOf(rig, user.sub)).toEqual({ state: "done", how: "created", destinationId: account?.id });
});

test("somebody who signed up after the snapshot is made of what the token says", async () => {
  const rig = await startBridge();
  const user = await rig.add({}, false);
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  expect(rig.workos.state().createdByExternalId).toEqual({ [user.sub]: 1 });
});

test("unknown people and wrong passwords get the same answer, and nothing is written", async () => {
  const rig = await startBridge();
  const fresh = await rig.add();
  const imported = await rig.add();
  const accountId = await rig.imported(imported);
  const answers = [
    await rig.signIn("nobody@example.com"),
    await rig.signIn(emailOf(fresh), "Not-The-One-9"),
    await rig.signIn(emailOf(imported), "Not-The-One-9"),
  ];
  for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 401, body: WRONG });
  expect(rig.workos.state().users.map(({ id }) => id)).toEqual([accountId]);
  expect(rig.workos.passwordIs(accountId, "Not-The-One-9")).toBe(false);
});

test("Cognito is asked once a sign-in", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.signIn(emailOf(user), "Not-The-One-9");
  expect(rig.calls().cognito).toEqual(["AdminInitiateAuth 400"]);
});

test("the public flow of a client without a secret does as well", async () => {
  const rig = await startBridge({
    client: { secret: null },
    settings: { SPILLWAY_BRIDGE_FLOW: "public" },
  });
  const user = await rig.add();
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  expect(rig.calls().cognito).toEqual(["InitiateAuth 200", "ListUsers 200"]);
});

test("a username that is no address is looked up in the ledger", async () => {
  const rig = await startBridge({ usernameAttributes: [] });
  const user = await rig.add({ username: "ada_the_first" });
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
});

test("a password that WorkOS finds too weak asks for a new one", async () => {
  const rig = await startBridge({ workos: { options: { passwordPolicy: { minLength: 40 } } } });
  const user = await rig.add();
  const accountId = await rig.imported(user);
  expect(await rig.signIn(emailOf(user))).toMatchObject({
    status: 403,
    body: { outcome: "password_reset_required", show: "reset" },
  });
  // Theirs to mail: nothing is open.
  expect(await moveOf(rig, user.sub)).toMatchObject({ openMoves: 0, movedAtMs: null });
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(false);
});

test("whoever was deleted and signed up again does not get the account of their old sub", async () => {
  const rig = await startBridge();
  const email = "ada@example.com";
  const old = await rig.add({ email, username: "old", password: "Another-Horse-7" });
  await rig.imported(old);
  await rig.ledger.write((tx) =>
    // Of a run so long ago that no walk under way can still come to them.
    tx.updateTable("source_users").set({ generation: -1 }).where("sub", "=", old.sub).execute(),
  );
  rig.cognito.pool.users.splice(0, 1);
  const again = await rig.add({ email, username: "again" });
  expect(await rig.signIn(email)).toMatchObject({
    status: 403,
    body: { outcome: "not_for_import", reason: "signed_up_again", show: "contact" },
  });
  expect(rig.workos.state().users.map((user) => user.external_id)).toEqual([old.sub]);
  expect(old.sub).not.toBe(again.sub);
});

test("whoever was deleted in Cognito and removed at WorkOS does not come back under a new sub", async () => {
  const rig = await startBridge();
  const email = "ada@example.com";
  const old = await rig.add({ email, username: "old" });
  const accountId = await rig.imported(old);
  await fetch(`${rig.workos.url}/user_management/users/${accountId}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${rig.workos.key}` },
  });
  await rig.ledger.write(async (tx) => {
    await noteRemoved(tx, rig.migrationId, "user", old.sub);
    // Of a run so long ago that no walk under way can still come to them.
    await tx.updateTable("source_users").set({ generation: -1 }).where("sub", "=", old.sub).execute();
  });
  rig.cognito.pool.users.splice(0, 1);
  await rig.add({ email, username: "again" });
  expect(await rig.signIn(email)).toMatchObject({
    status: 403,
    body: { outcome: "not_for_import", reason: "removed_at_destination", show: "contact" },
  });
  await rig.post("/forgot-password", { email });
  expect(rig.workos.state().users).toEqual([]);
});

test("a disabled account keeps its address to itself, though a link took it to another one's people", async () => {
  const rig = await startBridge({ usernameAttributes: [] });
  const email = "ada@example.com";
  const disabled = await rig.add({ email, username: "old", emailVerified: false, enabled: false });
  const linked = await rig.add();
  await rig.add({ email, username: "new" });
  await rig.ledger.write((tx) =>
    setClusterKey(tx, rig.migrationId, [linked.sub, disabled.sub], emailOf(linked)),
  );
  expect(await rig.signIn(email)).toMatchObject({
    status: 403,
    body: { outcome: "not_for_import", reason: "decision_disabled_member" },
  });
  await rig.post("/forgot-password", { email });
  expect(rig.workos.state().users).toEqual([]);
});

test.each([
  ["/sign-in", {}],
  ["/descope/verify", { vendors: [asking], settings: { SPILLWAY_BRIDGE_ROUTES: "sign-in,descope" } }],
])("Cognito's threat protection hears from %s where the person sits", async (path, wish) => {
  const requests: unknown[] = [];
  const onExchange = ({ operation, request }: Exchange) => {
    if (operation === "AdminInitiateAuth") requests.push(JSON.parse(request));
  };
  const rig = await startBridge({ ...wish, onExchange });
  const user = await rig.add();
  const body = { email: emailOf(user), password: PASSWORD };
  const client = { ip_address: "203.0.113.9", user_agent: "Mozilla/5.0" };
  expect((await rig.post(path, { ...body, password: "Wrong-1" })).status).toBe(401);
  expect(requests.at(-1)).not.toHaveProperty("ContextData");
  expect((await rig.post(path, { ...body, ...client })).status).toBe(200);
  expect(requests.at(-1)).toMatchObject({
    ContextData: {
      IpAddress: "203.0.113.9",
      HttpHeaders: [{ headerName: "User-Agent", headerValue: "Mozilla/5.0" }],
    },
  });
});
