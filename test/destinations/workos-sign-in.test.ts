import { expect, onTestFinished, test } from "vitest";
import { createClient } from "../../src/destinations/workos/client.ts";
import { createSignIn } from "../../src/destinations/workos/sign-in.ts";
import { Secret } from "../../src/domain/secret.ts";
import { startWorkosDouble } from "../doubles/workos/double.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";

const PASSWORD = new Secret("Correct-Horse-7");
const CLIENT = { ipAddress: "203.0.113.9", userAgent: "Mozilla/5.0" };

async function setUp(options: GivenOptions = {}) {
  const double = await startWorkosDouble({ options });
  onTestFinished(() => double.close());
  const settings = { apiKey: double.key, clientId: double.clientId, apiUrl: double.url };
  const accounts = createSignIn(createClient(settings, 2_000), double.clientId);
  const [user] = double.seed([{ email: "Ada@example.com", email_verified: true, external_id: "sub-1" }]);
  if (user === undefined) throw new Error("Nobody was seeded.");
  const answerWith = (operation: string, status: number, body: unknown) =>
    double.faults.add({ match: { operation }, times: 1, effect: { kind: "status", status, body } });
  return { double, accounts, user, answerWith };
}

test("a session is handed on as WorkOS gives it", async () => {
  const { double, accounts, user } = await setUp();
  double.setPassword(user.id, PASSWORD.reveal());
  expect(await accounts.signIn("ada@example.com", PASSWORD, CLIENT)).toEqual({
    kind: "signed_in",
    session: expect.objectContaining({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      authentication_method: "Password",
      user: expect.objectContaining({ id: user.id }),
    }),
  });
});

test("unknown people and wrong passwords are refused alike", async () => {
  const { accounts, answerWith } = await setUp();
  expect(await accounts.signIn("ada@example.com", PASSWORD, CLIENT)).toEqual({ kind: "refused" });
  expect(await accounts.signIn("eve@example.com", PASSWORD, CLIENT)).toEqual({ kind: "refused" });
  answerWith("authenticate", 404, { message: "User not found." });
  expect(await accounts.signIn("eve@example.com", PASSWORD, CLIENT)).toEqual({ kind: "refused" });
});

test.each([
  ["mfa_challenge", "second_factor"],
  ["mfa_enrollment", "second_factor"],
  ["radar_challenge", "second_factor"],
  ["email_verification_required", "not_verified"],
  ["organization_selection_required", "choose_organization"],
  ["authentication_method_not_allowed", "other_method"],
])("%s is the step %s, with what the application goes on with", async (code, step) => {
  const { accounts, answerWith } = await setUp();
  const organizations = [{ id: "org_1", name: "Acme" }];
  answerWith("authenticate", 403, {
    code,
    message: "Not yet.",
    pending_authentication_token: "pending_1",
    organizations,
    user: { email: "ada@example.com" },
  });
  expect(await accounts.signIn("ada@example.com", PASSWORD, CLIENT)).toEqual({
    kind: "next_step",
    step,
    code,
    fields: { pending_authentication_token: "pending_1", organizations },
  });
});

test.each<[number, unknown, unknown]>([
  [400, { error: "invalid_client", error_description: "No." }, { kind: "outage", code: "invalid_client" }],
  [401, { message: "Unauthorized" }, { kind: "outage", code: "unauthorized" }],
  [403, { code: "email_password_auth_disabled" }, { kind: "outage", code: "email_password_auth_disabled" }],
  [422, { code: "invalid_request_parameters" }, { kind: "outage", code: "invalid_request_parameters" }],
  [429, { error: "too_many_requests" }, { kind: "slow_down", retryAfterMs: 1_000 }],
  [500, {}, { kind: "outage", code: "http_500" }],
  [400, { code: "constructor" }, { kind: "outage", code: "constructor" }],
  [404, "<html>", { kind: "outage", code: "http_404" }],
  [200, {}, { kind: "outage", code: "unreadable" }],
])("an answer of %s %j says nothing about the password", async (status, body, expected) => {
  const { accounts, answerWith } = await setUp();
  answerWith("authenticate", status, body);
  expect(await accounts.signIn("ada@example.com", PASSWORD, CLIENT)).toEqual(expected);
});

test("accounts are found by address, by our key and by id", async () => {
  const { accounts, user } = await setUp();
  const account = {
    id: user.id,
    externalId: "sub-1",
    email: "ada@example.com",
    emailVerified: true,
    hasSignedIn: false,
    createdAtMs: Date.parse(user.created_at),
    changedAtMs: Date.parse(user.updated_at),
  };
  expect(await accounts.accountByEmail("ada@example.com")).toEqual({ ok: true, value: account });
  expect(await accounts.accountByExternalId("sub-1")).toEqual({ ok: true, value: account });
  expect(await accounts.accountByEmail("eve@example.com")).toEqual({ ok: true, value: null });
  expect(await accounts.accountByExternalId("sub-2")).toEqual({ ok: true, value: null });
  expect(await accounts.accountById(user.id)).toEqual({ ok: true, value: account });
  expect(await accounts.accountById("user_nobody")).toEqual({ ok: true, value: null });
});

test("a link is unused until somebody sets a password by it, and both are told as events", async () => {
  const { double, accounts, user } = await setUp();
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`${double.url}/user_management/password_reset${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${double.key}` },
      body: JSON.stringify(body),
    });
    // The double answers as OpenAPI 0.61 says.
    return (await answer.json()) as { id: string; password_reset_token: string; expires_at: string };
  };
  const link = await post("", { email: "ada@example.com" });
  expect(await accounts.isResetUnused(link.id)).toEqual({ ok: true, value: true });
  await post("/confirm", { token: link.password_reset_token, new_password: PASSWORD.reveal() });
  expect(await accounts.isResetUnused(link.id)).toEqual({ ok: true, value: false });

  const event = {
    resetId: link.id,
    accountId: user.id,
    expiresAtMs: Date.parse(link.expires_at),
    eventId: expect.any(String),
    atMs: expect.any(Number),
  };
  const events = [
    { kind: "opened", ...event },
    { kind: "completed", ...event },
  ];
  expect(await accounts.resetEvents(null)).toEqual({ ok: true, value: { events, isLast: true } });
  const [first] = double.stores.events.all();
  expect(await accounts.resetEvents(first?.id ?? "")).toMatchObject({ value: { events: [events[1]] } });
});

test.each([503, 429, 401, 403])(
  "a link of which WorkOS says %i is not taken for a used one",
  async (status) => {
    const { accounts, answerWith } = await setUp();
    answerWith("getPasswordReset", status, {});
    expect(await accounts.isResetUnused("password_reset_1")).toMatchObject({ ok: false });
  },
);

test("an account that does not say whether it was signed in to is no answer", async () => {
  const { accounts, user, answerWith } = await setUp();
  const { last_sign_in_at, ...silent } = user;
  expect(last_sign_in_at).toBeNull();
  answerWith("getUserByExternalId", 200, silent);
  expect(await accounts.accountByExternalId("sub-1")).toMatchObject({ ok: false, problem: "unavailable" });
});

test("a password is set, or refused as too weak", async () => {
  const { double, accounts, user } = await setUp();
  expect(await accounts.setPassword(user.id, PASSWORD)).toEqual({ kind: "set" });
  expect(double.passwordIs(user.id, PASSWORD.reveal())).toBe(true);
  expect(await accounts.setPassword(user.id, new Secret("x"))).toEqual({ kind: "too_weak" });
  expect(await accounts.setPassword("user_nobody", PASSWORD)).toEqual({ kind: "outage", code: "absent" });
});

test("a password that may have been set is an outage", async () => {
  const { double, accounts, user } = await setUp();
  double.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: { kind: "status_after_effect", status: 502 },
  });
  expect(await accounts.setPassword(user.id, PASSWORD)).toMatchObject({ kind: "outage" });
});
