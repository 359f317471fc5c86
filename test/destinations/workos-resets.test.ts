import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { ResetOutcome } from "../../src/destinations/resets.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";
import { until } from "../faults/until.ts";
import { setUp } from "./workos-setup.ts";

const ADA = "ada@example.com";
const EARLIER_MS = 60_000;

/** The adapter, and somebody to mail. */
async function startWithAda(options: GivenOptions = {}, callTimeoutMs?: number) {
  const started = await setUp(options, callTimeoutMs);
  const { double, workos } = started;
  const userId = double.seed([{ email: ADA }])[0]?.id ?? "";
  const fail = (operation: string, effect: FaultEffect) =>
    double.faults.add({ match: { operation }, times: 1, effect });
  return {
    ...started,
    userId,
    send: (email = ADA) => workos.resets.send(email),
    sent: (cursor: string | null = null) => workos.resets.sentSince(Date.now() - EARLIER_MS, cursor),
    failSend: (effect: FaultEffect) => fail("createPasswordReset", effect),
    failList: (effect: FaultEffect) => fail("listEvents", effect),
    mails: () => double.state().resetMails,
  };
}

function refusal(status: number, body: object, headers: Record<string, string> = {}): FaultEffect {
  return { kind: "status", status, body, headers };
}

/** Everything that printing or keeping an outcome would show. */
function shown(outcome: ResetOutcome): string {
  return `${JSON.stringify(outcome)} ${inspect(outcome, { depth: null, showHidden: true })}`;
}

test("a mail is sent by one call", async () => {
  const { send, calls, userId, mails } = await startWithAda();
  const outcome = await send();
  expect(outcome).toMatchObject({ kind: "sent", resetId: expect.stringMatching(/^password_reset_/) });
  expect(calls()).toEqual(["createPasswordReset 201"]);
  expect(mails()).toEqual({ [userId]: 1 });
});

test("no outcome shows the token of the answer", async () => {
  const { send, failSend } = await startWithAda();
  const token = "Z1uX3RbwcIl5fIGJJJCXXisdI";
  const url = `https://double.authkit.app/reset-password?token=${token}`;
  const made = {
    object: "password_reset",
    id: "password_reset_1",
    user_id: "user_1",
    email: ADA,
    password_reset_token: token,
    password_reset_url: url,
    expires_at: "2026-11-21T12:15:00.000Z",
    created_at: "2026-11-21T12:00:00.000Z",
  };
  failSend({ kind: "status", status: 201, body: made });
  const sent = await send();
  if (sent.kind !== "sent") throw new Error(sent.kind);
  expect(sent.link.url.reveal()).toBe(url);
  expect(sent.link.expiresAt).toEqual(new Date(made.expires_at));
  const outcomes: ResetOutcome[] = [sent];
  // Broken off, without what is needed, refused, and down: each with the token in it.
  const text = JSON.stringify(made);
  const answers = [text.slice(0, -20), `${text}}`, { ...made, id: "" }, { ...made, expires_at: token }];
  for (const body of answers) {
    failSend({ kind: "status", status: 201, body });
    outcomes.push(await send());
  }
  failSend({ kind: "status", status: 502, body: text });
  outcomes.push(await send());
  expect(outcomes.map(({ kind }) => kind)).toEqual(["sent", ...Array(5).fill("unknown")]);
  for (const outcome of outcomes) expect(shown(outcome)).not.toContain(token);
});

test("somebody whom WorkOS does not know is refused", async () => {
  const { send, mails } = await startWithAda();
  expect(await send("nobody@example.com")).toEqual({
    kind: "rejected",
    code: "user_missing",
    message: "WorkOS does not know the address.",
  });
  expect(mails()).toEqual({});
});

test.each([
  { passwordResets: "not_allowed", code: "password_reset_not_allowed" },
  { passwordResets: "email_password_auth_disabled", code: "email_password_auth_disabled" },
] as const)("an environment that mails nobody says $code", async ({ passwordResets, code }) => {
  const { send, mails } = await startWithAda({ passwordResets });
  expect(await send()).toEqual({ kind: "not_allowed", code });
  expect(mails()).toEqual({});
});

test("another 403, and a wrong key, are lost access", async () => {
  const { send, double } = await startWithAda({ forbidden: true });
  expect(await send()).toEqual({ kind: "access_lost", code: "forbidden" });
  double.setOptions({ forbidden: false, key: "sk_test_rotated" });
  expect(await send()).toEqual({ kind: "access_lost", code: "unauthorized" });
});

test("a spent day is told from a call too many", async () => {
  const { send, double, mails } = await startWithAda({ dailyResets: 0 });
  const spent = await send();
  if (spent.kind !== "daily_quota") throw new Error(spent.kind);
  expect(spent.retryAfterMs).toBeGreaterThan(0);
  expect(spent.retryAfterMs).toBeLessThanOrEqual(86_400_000);
  // The refused one counts against the address as well.
  double.setOptions({ dailyResets: null });
  for (const kind of ["sent", "sent", "slow_down"]) expect(await send()).toMatchObject({ kind });
  expect(Object.values(mails())).toEqual([2]);
});

test.each<{ answer: FaultEffect; outcome: ResetOutcome }>([
  {
    answer: refusal(429, { code: "daily_quota_exceeded", message: "Request could not be processed." }),
    outcome: { kind: "daily_quota", retryAfterMs: null },
  },
  {
    answer: refusal(429, { code: "daily_quota_exceeded", message: "m" }, { "retry-after": "7200" }),
    outcome: { kind: "daily_quota", retryAfterMs: 7_200_000 },
  },
  {
    answer: refusal(429, { message: "Too many requests." }, { "retry-after": "7" }),
    outcome: { kind: "slow_down", retryAfterMs: 7_000 },
  },
  {
    answer: refusal(429, { code: "rate_limit_exceeded", message: "m" }),
    outcome: { kind: "slow_down", retryAfterMs: 1_000 },
  },
  {
    answer: { kind: "status", status: 429, body: "<html>slow</html>" },
    outcome: { kind: "slow_down", retryAfterMs: 1_000 },
  },
])("throttling is read: $answer.body $answer.headers", async ({ answer, outcome }) => {
  const { send, failSend, mails } = await startWithAda();
  failSend(answer);
  expect(await send()).toEqual(outcome);
  expect(mails()).toEqual({});
});

test("a refusal carries WorkOS's code", async () => {
  const { send, failSend } = await startWithAda();
  failSend(refusal(422, { code: "invalid_request_parameters", message: "Validation failed." }));
  expect(await send()).toMatchObject({ kind: "rejected", code: "invalid_request_parameters" });
  failSend(refusal(409, { code: "reset_pending", message: "m" }));
  expect(await send()).toMatchObject({ kind: "rejected", code: "conflict" });
});

test.each<{ effect: FaultEffect; code: string; mailed: number }>([
  { effect: { kind: "status_after_effect", status: 500 }, code: "http_500", mailed: 1 },
  { effect: { kind: "status_after_effect", status: 502 }, code: "http_502", mailed: 1 },
  { effect: { kind: "reset_after_effect" }, code: "no_answer", mailed: 1 },
  { effect: { kind: "reset" }, code: "no_answer", mailed: 0 },
  { effect: { kind: "status", status: 503, body: { message: "down" } }, code: "http_503", mailed: 0 },
  { effect: { kind: "status", status: 404, body: "<html>not here</html>" }, code: "http_404", mailed: 0 },
  { effect: { kind: "hang" }, code: "timeout", mailed: 0 },
])(
  "an unclear answer leaves it open whether the mail went out: $effect.kind $effect.status",
  async ({ effect, code, mailed }) => {
    const { send, sent, failSend, userId, calls } = await startWithAda(
      {},
      effect.kind === "hang" ? 200 : undefined,
    );
    failSend(effect);
    expect(await send()).toMatchObject({ kind: "unknown", code });
    const page = await sent();
    if (!page.ok) throw new Error(page.problem);
    expect(page.value.mails.map((mail) => mail.userId)).toEqual(mailed === 1 ? [userId] : []);
    // A call that is never answered is not in the journal.
    expect(calls().filter((call) => call.startsWith("createPasswordReset")).length).toBeLessThanOrEqual(1);
  },
);

test("mails are listed page by page, oldest first, of the time that was asked for", async () => {
  const { double, workos, sent } = await setUpMany(103);
  const first = await sent(null);
  if (!first.ok) throw new Error(first.problem);
  expect(first.value.mails).toHaveLength(100);
  const second = await sent(first.value.nextCursor);
  if (!second.ok) throw new Error(second.problem);
  expect(second.value).toMatchObject({ nextCursor: null });
  const mails = [...first.value.mails, ...second.value.mails];
  expect(mails.map(({ userId }) => userId)).toEqual([...double.users.keys()]);
  expect(mails.map(({ atMs }) => atMs)).toEqual(mails.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  expect(new Set(mails.map(({ resetId }) => resetId)).size).toBe(103);
  const later = await workos.resets.sentSince(Date.now() + EARLIER_MS, null);
  expect(later).toMatchObject({ ok: true, value: { mails: [], nextCursor: null } });
});

/** So many people, each of whom was mailed, in their order. */
async function setUpMany(people: number) {
  const { double, workos } = await setUp({ unlimited: true });
  const users = double.seed(
    Array.from({ length: people }, (_, index) => ({ email: `p${index}@example.com` })),
  );
  for (const { email } of users) expect(await workos.resets.send(email)).toMatchObject({ kind: "sent" });
  const sent = (cursor: string | null) => workos.resets.sentSince(Date.now() - EARLIER_MS, cursor);
  return { double, workos, sent };
}

test("a mail shows in the events, late", async () => {
  const { send, sent, userId } = await startWithAda({ eventsLagMs: 300 });
  const outcome = await send();
  if (outcome.kind !== "sent") throw new Error(outcome.kind);
  expect(await sent()).toMatchObject({ ok: true, value: { mails: [] } });
  const mail = await until("the mail shows", async () => {
    const page = await sent();
    return page.ok ? (page.value.mails[0] ?? null) : null;
  });
  expect(mail).toEqual({ userId, resetId: outcome.resetId, atMs: expect.any(Number) });
});

test("a completed reset is no mail", async () => {
  const { send, sent, double, userId } = await startWithAda();
  const outcome = await send();
  if (outcome.kind !== "sent") throw new Error(outcome.kind);
  const token = new URL(outcome.link.url.reveal()).searchParams.get("token");
  const answer = await fetch(`${double.url}/user_management/password_reset/confirm`, {
    method: "POST",
    headers: { authorization: `Bearer ${double.key}` },
    body: JSON.stringify({ token, new_password: "correct horse" }),
  });
  expect(answer.status).toBe(200);
  expect(await sent()).toMatchObject({ ok: true, value: { mails: [{ userId }] } });
});

test.each([
  { answer: refusal(401, { message: "Unauthorized" }), problem: "access_lost" },
  { answer: refusal(429, { message: "slow" }, { "retry-after": "3" }), problem: "slow_down" },
  { answer: refusal(500, { message: "down" }), problem: "unavailable" },
  {
    answer: { kind: "status", status: 200, body: { data: [{ id: "event_1" }] } } as const,
    problem: "unavailable",
  },
])("a list of mails that does not come is $problem", async ({ answer, problem }) => {
  const { sent, failList } = await startWithAda();
  failList(answer);
  expect(await sent()).toMatchObject({ ok: false, problem });
});
