import { expect, test, vi } from "vitest";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import { recordOf, setUp } from "./workos-setup.ts";

const onCreate = (effect: FaultEffect) => ({ match: { operation: "createUser" }, times: 1, effect });
const onLookUp = (effect: FaultEffect) => ({ match: { operation: "getUserByExternalId" }, times: 1, effect });

const AFTER_EFFECT: FaultEffect[] = [
  { kind: "status_after_effect", status: 500 },
  { kind: "status_after_effect", status: 502 },
  { kind: "reset_after_effect" },
];

test.each(AFTER_EFFECT)("a create without an answer is found: $kind $status", async (effect) => {
  const { double, importOne, verbs } = await setUp();
  double.faults.add(onCreate(effect));
  expect(await importOne()).toMatchObject({ kind: "created" });
  expect(double.state().createdByExternalId).toEqual({ [recordOf().externalId]: 1 });
  expect(verbs).toEqual(["write", "read"]);
});

test.each(AFTER_EFFECT)("a lagging look-up makes nobody twice: $kind $status", async (effect) => {
  const { double, importOne } = await setUp({ lookupLagMs: 60_000 });
  double.faults.add(onCreate(effect));
  expect(await importOne()).toMatchObject({ kind: "unknown", retryAfterMs: 1_000 });
  expect(await importOne({ inDoubt: true })).toMatchObject({
    kind: "unknown",
    code: "exists_but_not_visible",
  });
  expect(double.state().createdByExternalId).toEqual({ [recordOf().externalId]: 1 });
});

const WITHOUT_EFFECT: { effect: FaultEffect; code: string }[] = [
  { effect: { kind: "status", status: 503, body: { message: "down" } }, code: "http_503" },
  { effect: { kind: "status", status: 502, body: "<html>bad gateway</html>" }, code: "http_502" },
  { effect: { kind: "status", status: 404, body: "<html>not here</html>" }, code: "http_404" },
  { effect: { kind: "status", status: 408, body: { message: "late", error: "timeout" } }, code: "timeout" },
  { effect: { kind: "status", status: 201, body: "{" }, code: "http_500" },
  { effect: { kind: "status", status: 201, body: {} }, code: "unreadable" },
  { effect: { kind: "reset" }, code: "no_answer" },
];

test.each(WITHOUT_EFFECT)(
  "an unclear answer leaves doubt: $effect.kind $effect.status $effect.body",
  async ({ effect, code }) => {
    const { double, importOne } = await setUp();
    double.faults.add(onCreate(effect));
    expect(await importOne()).toMatchObject({ kind: "unknown", code });
    expect(await importOne({ inDoubt: true })).toMatchObject({ kind: "created" });
  },
);

test("a call that hangs ends at its timeout", async () => {
  const { double, importOne } = await setUp({}, 100);
  double.faults.add(onCreate({ kind: "hang" }));
  expect(await importOne()).toMatchObject({ kind: "unknown", code: "timeout" });
});

test("an answer after the timeout is found", async () => {
  const { double, importOne } = await setUp({}, 150);
  double.faults.add(onCreate({ kind: "delay", ms: 200 }));
  const outcomes = [await importOne()];
  while (outcomes.at(-1)?.kind === "unknown") outcomes.push(await importOne({ inDoubt: true }));
  expect(outcomes.at(-1)).toMatchObject({ kind: "created" });
  expect(double.users.size).toBe(1);
});

test.each([
  { retryAfter: "7", retryAfterMs: 7_000 },
  { retryAfter: "0", retryAfterMs: 1_000 },
  { retryAfter: "soon", retryAfterMs: 1_000 },
  { retryAfter: "86400", retryAfterMs: 600_000 },
])("Retry-After $retryAfter is obeyed within reason", async ({ retryAfter, retryAfterMs }) => {
  const { double, importOne } = await setUp();
  const headers = { "retry-after": retryAfter };
  for (const body of [{ message: "slow" }, "<html>slow</html>"]) {
    double.faults.add(onCreate({ kind: "status", status: 429, headers, body }));
    expect(await importOne()).toEqual({ kind: "slow_down", retryAfterMs });
  }
});

test("the double's own limit slows down", async () => {
  const { double, importOne } = await setUp({ limitScale: 1 / 500 });
  expect(await importOne()).toMatchObject({ kind: "created" });
  const second = await importOne({ record: recordOf({ externalId: "2", email: "b@example.com" }) });
  if (second.kind !== "slow_down") throw new Error(second.kind);
  expect(second.retryAfterMs).toBeGreaterThan(1_000);
  expect(double.users.size).toBe(1);
});

test("throttling after an unclear create keeps the doubt", async () => {
  const { double, importOne } = await setUp();
  double.faults.add(onCreate({ kind: "reset_after_effect" }));
  double.faults.add(
    onLookUp({ kind: "status", status: 429, headers: { "retry-after": "4" }, body: { message: "slow" } }),
  );
  expect(await importOne()).toMatchObject({ kind: "unknown", code: "no_answer", retryAfterMs: 4_000 });
});

test("lost access after an unclear create keeps the doubt", async () => {
  const { double, importOne } = await setUp();
  double.faults.add(onCreate({ kind: "status_after_effect", status: 500 }));
  double.faults.add(onLookUp({ kind: "status", status: 401, body: { message: "Unauthorized" } }));
  expect(await importOne()).toMatchObject({ kind: "unknown", code: "http_500" });
});

test("a revoked key is lost access", async () => {
  const { double, workos, importOne } = await setUp();
  expect(await workos.checkAccess()).toEqual({ ok: true, value: null });
  double.setOptions({ key: "sk_test_rotated" });
  expect(await importOne()).toEqual({ kind: "access_lost", code: "unauthorized" });
  expect(await importOne({ inDoubt: true })).toEqual({ kind: "access_lost", code: "unauthorized" });
  expect(await workos.checkAccess()).toEqual({ ok: false, problem: "access_lost", code: "unauthorized" });
});

test("a key without the right is lost access", async () => {
  const { importOne } = await setUp({ forbidden: true });
  expect(await importOne()).toEqual({ kind: "access_lost", code: "forbidden" });
});

test("a refused user carries the vendor's code", async () => {
  const { importOne } = await setUp();
  expect(await importOne({ record: recordOf({ email: "not an address" }) })).toEqual({
    kind: "rejected",
    code: "invalid_email",
    message: "Could not create user. The e-mail address is invalid.",
  });
  expect(await importOne({ record: recordOf({ metadata: { name: "Zoë" } }) })).toMatchObject({
    kind: "rejected",
    code: "invalid_metadata",
  });
  expect(await importOne({ record: recordOf({ externalId: "é" }) })).toMatchObject({
    kind: "rejected",
    code: "invalid_request_parameters",
  });
});

test("codes are words whatever the vendor sends", async () => {
  const { double, importOne } = await setUp();
  const code = "ada@example.com";
  double.faults.add(onCreate({ kind: "status", status: 400, body: { code, message: "m" } }));
  double.faults.add(onCreate({ kind: "status", status: 418, body: { message: "m" } }));
  expect(await importOne()).toMatchObject({ kind: "rejected", code: "http_400" });
  expect(await importOne()).toMatchObject({ kind: "rejected", code: "http_418" });
});

test("nothing is written to the console", async () => {
  const { double, importOne } = await setUp();
  const spies = (["debug", "info", "log", "warn", "error"] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation(() => {}),
  );
  double.faults.add(onCreate({ kind: "reset_after_effect" }));
  await importOne();
  await importOne({ record: recordOf({ email: "nonsense" }) });
  const written = spies.flatMap((spy) => spy.mock.calls);
  vi.restoreAllMocks();
  expect(written).toEqual([]);
});

test("a message of megabytes is cut: one is kept for each item that fails", async () => {
  const { double, importOne } = await setUp();
  const body = { code: "user_creation_error", message: `It is wrong.${"\n".repeat(1_000_000)}` };
  double.faults.add(onCreate({ kind: "status", status: 400, body }));
  const outcome = await importOne();
  expect(outcome).toMatchObject({ kind: "rejected", message: expect.stringMatching(/^It is wrong\./) });
  expect("message" in outcome && outcome.message.length).toBeLessThan(2_100);
});

test("an answer that is about somebody else makes nobody them", async () => {
  const { double, importOne } = await setUp();
  const at = "2020-01-01T00:00:00.000Z";
  const other = {
    ...{ object: "user", id: "user_other", email: "other@example.com", email_verified: true },
    ...{ first_name: null, last_name: null, external_id: "another-sub", metadata: {}, locale: null },
    ...{ created_at: at, updated_at: at, last_sign_in_at: at, profile_picture_url: null },
  };
  double.faults.add(onCreate({ kind: "status", status: 201, body: other }));
  expect(await importOne()).toMatchObject({ kind: "unknown" });
  double.faults.add(onLookUp({ kind: "status", status: 200, body: other }));
  expect(await importOne({ inDoubt: true })).toMatchObject({ kind: "unknown" });
  const outcome = await importOne({ inDoubt: true });
  expect(outcome).toMatchObject({ kind: "created" });
  expect(outcome).not.toMatchObject({ destinationId: other.id });
});
