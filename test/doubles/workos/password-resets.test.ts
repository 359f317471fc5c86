import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";
import type { GivenOptions } from "./options.ts";

const RESETS = "/user_management/password_reset";
const ada = { email: "ada@example.com" };

async function startWithAda(options: GivenOptions = {}) {
  const started = await startCalled(options);
  const userId = started.double.seed([ada])[0]?.id ?? "";
  const reset = (email = ada.email) => started.call("POST", RESETS, { email });
  const confirm = (token: string, new_password: string) =>
    started.call("POST", `${RESETS}/confirm`, { token, new_password });
  return { ...started, userId, reset, confirm };
}

test("creates a reset and finds it again by id", async () => {
  const { call, reset, userId, calls } = await startWithAda();
  const { status, body } = await reset("ADA@example.com");
  expect({ status, body }).toEqual({
    status: 201,
    body: {
      object: "password_reset",
      id: expect.stringMatching(/^password_reset_/),
      user_id: userId,
      email: ada.email,
      password_reset_token: expect.any(String),
      password_reset_url: expect.stringContaining(body.password_reset_token),
      expires_at: expect.any(String),
      created_at: expect.any(String),
    },
  });
  expect((await call("GET", `${RESETS}/${body.id}`)).body).toEqual(body);
  expect(calls()).toEqual([
    "createPasswordReset ADA@example.com 201",
    "getPasswordReset ada@example.com 200",
  ]);
});

test("a reset for nobody is refused", async () => {
  const { reset, double } = await startWithAda();
  expect(await reset("nobody@example.com")).toMatchObject({ status: 404 });
  expect(double.state().resetMails).toEqual({});
});

test("counts the mails of each person", async () => {
  const { double, reset, userId } = await startWithAda();
  const [bob] = double.seed([{ email: "bob@example.com" }]);
  await reset();
  await reset();
  await reset("bob@example.com");
  expect(double.state().resetMails).toEqual({ [userId]: 2, [bob?.id ?? ""]: 1 });
});

test("neither token nor password stands in the state", async () => {
  const { double, reset, confirm } = await startWithAda();
  const { body } = await reset();
  const other = await reset();
  await confirm(body.password_reset_token, "correct horse");
  const state = JSON.stringify(double.state());
  for (const secret of [other.body.password_reset_token, body.password_reset_token, "correct horse"])
    expect(state).not.toContain(secret);
});

test("a completed reset sets the password, verifies the address and is used up", async () => {
  const { double, reset, confirm, userId, call } = await startWithAda();
  const { password_reset_token, id } = (await reset()).body;
  const { status, body } = await confirm(password_reset_token, "correct horse");
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { user: { id: userId, email_verified: true } },
  });
  expect(double.passwordIs(userId, "correct horse")).toBe(true);
  expect(double.passwordIs(userId, "correct horsE")).toBe(false);
  expect((await confirm(password_reset_token, "another one")).status).toBe(404);
  expect((await call("GET", `${RESETS}/${id}`)).status).toBe(404);
  expect(double.passwordIs(userId, "correct horse")).toBe(true);
});

test("a weak new password leaves the reset open", async () => {
  const { double, reset, confirm, userId } = await startWithAda({ passwordPolicy: { minLength: 12 } });
  const { password_reset_token } = (await reset()).body;
  expect(await confirm(password_reset_token, "elevenchars")).toMatchObject({
    status: 400,
    body: { code: "password_reset_error", errors: [{ code: "password_too_short" }] },
  });
  expect(double.users.get(userId)?.email_verified).toBe(false);
  expect((await confirm(password_reset_token, "twelve chars")).status).toBe(200);
});

test("a reset of someone deleted since is refused", async () => {
  const { call, reset, confirm, userId } = await startWithAda();
  const { password_reset_token } = (await reset()).body;
  await call("DELETE", `/user_management/users/${userId}`);
  expect((await confirm(password_reset_token, "correct horse")).status).toBe(404);
});

test.each([
  { passwordResets: "not_allowed", code: "password_reset_not_allowed" },
  { passwordResets: "email_password_auth_disabled", code: "email_password_auth_disabled" },
] as const)("an environment refuses resets as $code", async ({ passwordResets, code }) => {
  const { double, reset } = await startWithAda({ passwordResets });
  expect(await reset()).toMatchObject({ status: 403, body: { code } });
  expect(double.state().resetMails).toEqual({});
});

test("a spent day is refused until the next", async () => {
  const { double, reset, retryAfter } = await startWithDay(1);
  expect((await reset()).status).toBe(201);
  expect(await reset("bob@example.com")).toMatchObject({
    status: 429,
    body: { code: "daily_quota_exceeded" },
  });
  const secondsLeft = await retryAfter();
  expect(secondsLeft).toBeGreaterThan(0);
  expect(secondsLeft).toBeLessThanOrEqual(86_400);
  double.setOptions({ dailyResets: 2 });
  expect((await reset("bob@example.com")).status).toBe(201);
});

async function startWithDay(dailyResets: number) {
  const started = await startWithAda({ dailyResets });
  const { double } = started;
  double.seed([{ email: "bob@example.com" }]);
  const retryAfter = async () => {
    const answer = await fetch(`${double.url}${RESETS}`, {
      method: "POST",
      headers: { authorization: `Bearer ${double.key}` },
      body: JSON.stringify({ email: "bob@example.com" }),
    });
    return Number(answer.headers.get("retry-after"));
  };
  return { ...started, retryAfter };
}

test("an address takes three resets a minute, another is not touched by it", async () => {
  const { double, reset } = await startWithAda();
  double.seed([{ email: "bob@example.com" }]);
  const statuses: number[] = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await reset()).status);
  expect(statuses).toEqual([201, 201, 201, 429]);
  expect((await reset("bob@example.com")).status).toBe(201);
  expect(Object.values(double.state().resetMails)).toEqual([3, 1]);
});

test("a mail goes out although its answer does not come", async () => {
  const { double, reset, userId } = await startWithAda();
  double.faults.add({
    match: { operation: "createPasswordReset" },
    times: 1,
    effect: { kind: "status_after_effect", status: 502 },
  });
  const url = `${double.url}${RESETS}`;
  const headers = { authorization: `Bearer ${double.key}` };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(ada) });
  expect(answer.status).toBe(502);
  expect(double.state().resetMails).toEqual({ [userId]: 1 });
  expect((await reset()).status).toBe(201);
});

test.each([
  { path: RESETS, body: {} },
  { path: RESETS, body: { ...ada, password_reset_url: "https://a.example" } },
  { path: `${RESETS}/confirm`, body: { token: "x" } },
])("refuses $body at $path", async ({ path, body }) => {
  const { call } = await startWithAda();
  expect(await call("POST", path, body)).toMatchObject({
    status: 422,
    body: { code: "invalid_request_parameters" },
  });
});
