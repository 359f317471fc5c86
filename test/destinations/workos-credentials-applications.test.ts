import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { ApplicationRecord } from "../../src/destinations/credentials.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";
import { LONG_AGO, setUp, type Tries } from "./workos-setup.ts";

const KEY = "cognito:7q2example";
const WEB: ApplicationRecord = {
  key: KEY,
  name: "Web",
  scopes: ["openid", "email"],
  kind: "oauth",
  redirectUris: ["https://app.example.com/a", "https://app.example.com/b"],
  defaultRedirectUri: "https://app.example.com/b",
  usesPkce: true,
};

async function setUpApplications(options: GivenOptions = {}) {
  const setup = await setUp(options);
  const { applications } = setup.double.stores;
  const send = (fields: Partial<Tries> = {}, record: ApplicationRecord = WEB) =>
    setup.send(setup.workos.applications, record, fields);
  const seed = (description: string | null, created_at = LONG_AGO) =>
    applications.add({
      object: "connect_application",
      ...applications.stamp(),
      created_at,
      client_id: `client_${applications.byId.size}`,
      name: "Theirs",
      description,
      scopes: [],
      application_type: "oauth",
      redirect_uris: [],
      uses_pkce: false,
      is_first_party: true,
    });
  const ids = () => setup.double.state().applications.map(({ id }) => id);
  return { ...setup, sendTo: setup.send, send, seed, ids };
}

const on = (operation: string, effect: FaultEffect, after = 0) => ({
  match: { operation, after },
  times: 1,
  effect,
});
const LONG_CLAIMED = { firstClaimedAtMs: Date.now() - 3_600_000 };
const agoMs = (ms: number) => ({ ...LONG_CLAIMED, lastTriedAtMs: Date.now() - ms });
const SLOW: FaultEffect = { kind: "status", status: 429, headers: { "retry-after": "7" }, body: {} };

test("creates an OAuth application of the first party", async () => {
  const { double, send, calls, verbs } = await setUpApplications();
  const outcome = await send();
  const [made] = double.state().applications;
  expect(outcome).toEqual({ kind: "created", destinationId: made?.id });
  expect(made).toMatchObject({
    application_type: "oauth",
    is_first_party: true,
    name: "Web",
    description: KEY,
    scopes: ["openid", "email"],
    uses_pkce: true,
    redirect_uris: [
      { uri: "https://app.example.com/a", default: false },
      { uri: "https://app.example.com/b", default: true },
    ],
  });
  expect(calls()).toEqual(["listApplications 200", "createApplication 201"]);
  expect(verbs).toEqual(["read", "write"]);
});

test("the first redirect URI is the default where none is named", async () => {
  const { double, send } = await setUpApplications();
  await send({}, { ...WEB, defaultRedirectUri: null });
  expect(double.state().applications[0]?.redirect_uris).toMatchObject([
    { default: true },
    { default: false },
  ]);
});

test("creates an application for machines in its organization", async () => {
  const { double, workos, sendTo, send } = await setUpApplications();
  const organization = { externalId: "acme", name: "Acme", verifiedDomains: [] };
  const owner = await sendTo(workos.organizations, organization);
  if (owner.kind !== "created") throw new Error(owner.kind);
  const record = { key: KEY, name: "Batch", scopes: ["orders:read"], kind: "m2m" } as const;
  expect(await send({}, { ...record, organizationId: owner.destinationId })).toMatchObject({
    kind: "created",
  });
  expect(double.state().applications).toMatchObject([
    { application_type: "m2m", organization_id: owner.destinationId, scopes: ["orders:read"] },
  ]);
  expect(await send({}, { ...record, key: "cognito:other", organizationId: "org_nowhere" })).toMatchObject({
    kind: "rejected",
    code: "organization_missing",
  });
});

test.each([KEY, `The web shop. ${KEY}`, `The web shop\n${KEY}\n`])(
  "an application is found by its description: %j",
  async (description) => {
    const { send, seed, calls } = await setUpApplications();
    const { id } = seed(description);
    expect(await send()).toEqual({ kind: "already_there", destinationId: id });
    expect(await send({ inDoubt: true })).toEqual({ kind: "already_there", destinationId: id });
    expect(calls()).toEqual(["listApplications 200", "listApplications 200"]);
  },
);

test("other applications stay out of it", async () => {
  const { send, seed, ids } = await setUpApplications();
  const others = [null, `${KEY}0`, `x${KEY}`, `${KEY} was here`].map((description) => seed(description).id);
  const outcome = await send();
  expect(outcome).toMatchObject({ kind: "created" });
  expect(ids().slice(0, -1)).toEqual(others);
});

test("an application on the last page is found", async () => {
  const { send, seed, verbs } = await setUpApplications();
  for (let at = 0; at < 100; at += 1) seed(null);
  const { id } = seed(KEY);
  expect(await send()).toEqual({ kind: "already_there", destinationId: id });
  expect(verbs).toEqual(["read", "read"]);
});

test.each<FaultEffect>([{ kind: "status_after_effect", status: 500 }, { kind: "reset_after_effect" }])(
  "an application without an answer is found by the next try: $kind",
  async (effect) => {
    const { double, send } = await setUpApplications();
    double.faults.add(on("createApplication", effect));
    expect(await send()).toMatchObject({ kind: "unknown", retryAfterMs: 1_000 });
    expect(await send({ inDoubt: true })).toMatchObject({ kind: "created" });
    expect(double.state().createdApplications).toEqual({ [KEY]: 1 });
  },
);

test("an application that may lag is waited for a minute", async () => {
  const { double, send, calls } = await setUpApplications({ lookupLagMs: 60_000 });
  double.faults.add(on("createApplication", { kind: "reset_after_effect" }));
  await send();
  const outcome = await send({ inDoubt: true, ...agoMs(20_000) });
  if (outcome.kind !== "unknown") throw new Error(outcome.kind);
  expect(outcome.code).toBe("not_visible_yet");
  // It may show any moment, so the list is looked at again and again.
  expect(outcome.retryAfterMs).toBe(10_000);
  expect(calls().at(-1)).toBe("listApplications 200");
  expect(double.state().createdApplications).toEqual({ [KEY]: 1 });
});

test("the last wait ends with the minute", async () => {
  const { send } = await setUpApplications();
  const outcome = await send({ inDoubt: true, ...agoMs(55_000) });
  if (outcome.kind !== "unknown") throw new Error(outcome.kind);
  expect(outcome.retryAfterMs).toBeLessThanOrEqual(5_000);
});

test("the minute is counted by the ledger's clock alone", async () => {
  const { send, ledgerClock } = await setUpApplications();
  ledgerClock.aheadMs = -3_600_000;
  const young = { inDoubt: true, ...LONG_CLAIMED, lastTriedAtMs: Date.now() - 3_600_000 - 5_000 };
  expect(await send(young)).toMatchObject({ kind: "unknown", code: "not_visible_yet" });
  ledgerClock.aheadMs = 3_600_000;
  const old = { inDoubt: true, ...LONG_CLAIMED, lastTriedAtMs: Date.now() + 3_600_000 - 60_000 };
  expect(await send(old)).toMatchObject({ kind: "created" });
});

test("a list without an end leaves the item open", async () => {
  const { double, send, calls } = await setUpApplications();
  const page = { object: "list", data: [], list_metadata: { before: null, after: "app_1" } };
  double.faults.add({ ...on("listApplications", { kind: "status", status: 200, body: page }), times: 9 });
  expect(await send()).toMatchObject({ kind: "unknown", code: "endless_list" });
  expect(calls()).toEqual(["listApplications 200", "listApplications 200"]);
});

test("a clock that runs ahead waits as well", async () => {
  const { send } = await setUpApplications();
  const ahead = { inDoubt: true, lastTriedAtMs: Date.now() + 600_000 };
  expect(await send(ahead)).toMatchObject({ kind: "unknown", retryAfterMs: 10_000 });
});

test("after a minute one that no list shows is made", async () => {
  const { send } = await setUpApplications();
  expect(await send({ inDoubt: true, ...agoMs(60_000) })).toMatchObject({ kind: "created" });
});

test("a create without an answer is waited for, however long ago its item was claimed", async () => {
  const { double, send } = await setUpApplications({ lookupLagMs: 60_000 });
  double.faults.add(on("createApplication", { kind: "reset_after_effect" }));
  expect(await send(LONG_CLAIMED)).toMatchObject({ kind: "unknown", code: "no_answer" });
  const next = await send({ inDoubt: true, ...LONG_CLAIMED });
  expect(next).toMatchObject({ kind: "unknown", code: "not_visible_yet" });
  expect(double.state().createdApplications).toEqual({ [KEY]: 1 });
});

/** Claimed before the twins that a test seeds were made. */
const CLAIMED_BEFORE = { firstClaimedAtMs: Date.parse(LONG_AGO) };

test("of twins the oldest stays", async () => {
  const { send, seed, ids, verbs } = await setUpApplications();
  const other = seed(null);
  seed(KEY, "2020-01-03T00:00:00.000Z");
  const oldest = seed(KEY, "2020-01-01T00:00:00.000Z");
  seed(KEY, "2020-01-01T00:00:00.000Z");
  const tries = { ...CLAIMED_BEFORE, inDoubt: true };
  expect(await send(tries)).toEqual({ kind: "created", destinationId: oldest.id });
  expect(ids()).toEqual([other.id, oldest.id]);
  expect(verbs).toEqual(["read", "write", "write"]);
});

test("what is older than the first claim is nobody's twin: somebody copied the description", async () => {
  const { send, seed, ids, verbs } = await setUpApplications();
  const oldest = seed(KEY, "2020-01-01T00:00:00.000Z");
  const copied = seed(`Staging, copied from ${KEY}`, "2020-01-03T00:00:00.000Z");
  expect(await send()).toEqual({ kind: "already_there", destinationId: oldest.id });
  expect(ids()).toEqual([oldest.id, copied.id]);
  expect(verbs).toEqual(["read"]);
});

test("a twin that is gone already counts as removed", async () => {
  const { double, send, seed } = await setUpApplications();
  const { id } = seed(KEY, "2020-01-01T00:00:00.000Z");
  seed(KEY, "2020-01-02T00:00:00.000Z");
  double.faults.add(on("deleteApplication", { kind: "status", status: 404, body: { message: "gone" } }));
  expect(await send(CLAIMED_BEFORE)).toEqual({ kind: "already_there", destinationId: id });
});

test("throttling after a removal leaves the item open", async () => {
  const { double, send, seed, ids } = await setUpApplications();
  const { id } = seed(KEY, "2020-01-01T00:00:00.000Z");
  for (const day of [2, 3]) seed(KEY, `2020-01-0${day}T00:00:00.000Z`);
  double.faults.add(on("deleteApplication", SLOW, 1));
  expect(await send(CLAIMED_BEFORE)).toMatchObject({
    kind: "unknown",
    code: "twins_left",
    retryAfterMs: 7_000,
  });
  expect(await send(CLAIMED_BEFORE)).toMatchObject({ kind: "already_there" });
  expect(ids()).toEqual([id]);
});

test("throttling before any effect slows down", async () => {
  const { double, send, seed } = await setUpApplications();
  double.faults.add(on("listApplications", SLOW));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
  double.faults.add(on("createApplication", SLOW));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
  for (const day of [1, 2]) seed(KEY, `2020-01-0${day}T00:00:00.000Z`);
  double.faults.add(on("deleteApplication", SLOW));
  expect(await send(CLAIMED_BEFORE)).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
});

test("a revoked key is lost access", async () => {
  const { double, send } = await setUpApplications();
  double.setOptions({ key: "sk_test_rotated" });
  expect(await send()).toEqual({ kind: "access_lost", code: "unauthorized" });
});

test("tells an application's client id", async () => {
  const { workos, seed } = await setUpApplications();
  const { id, client_id } = seed(KEY);
  const found = { ok: true, value: { id, clientId: client_id } };
  expect(await workos.applications.find(id)).toEqual(found);
  expect(await workos.applications.find("conn_app_none")).toEqual({ ok: true, value: null });
});

test("a secret is shown once and to nobody by accident", async () => {
  const { double, workos, seed } = await setUpApplications();
  const { id } = seed(KEY);
  const { applications } = workos;
  const made = await applications.newSecret(id);
  if (!made.ok) throw new Error(made.problem);
  const [kept] = double.state().clientSecrets;
  expect(made.value.id).toBe(kept?.id);
  expect(made.value.secret.reveal()).toBe(kept?.secret);
  expect(inspect(made) + JSON.stringify(made)).not.toContain(kept?.secret);
  expect(await applications.listSecrets(id)).toEqual({
    ok: true,
    value: [{ id: kept?.id, createdAtMs: Date.parse(kept?.created_at ?? ""), wasUsed: false }],
  });
  if (kept !== undefined) kept.last_used_at = kept.created_at;
  expect(await applications.listSecrets(id)).toMatchObject({ value: [{ wasUsed: true }] });
});

test("a removed secret stays removed", async () => {
  const { workos, seed } = await setUpApplications();
  const { id } = seed(KEY);
  const { applications } = workos;
  const made = await applications.newSecret(id);
  if (!made.ok) throw new Error(made.problem);
  expect(await applications.removeSecret(made.value.id)).toEqual({ ok: true, value: null });
  expect(await applications.removeSecret(made.value.id)).toEqual({ ok: true, value: null });
  expect(await applications.listSecrets(id)).toEqual({ ok: true, value: [] });
});

test("problems of single calls are told", async () => {
  const { double, workos, seed } = await setUpApplications();
  const { id } = seed(KEY);
  const { applications } = workos;
  double.faults.add(on("createClientSecret", SLOW), on("deleteClientSecret", { kind: "reset" }));
  expect(await applications.newSecret(id)).toEqual({ ok: false, problem: "slow_down", retryAfterMs: 7_000 });
  expect(await applications.removeSecret("secret_1")).toEqual({
    ok: false,
    problem: "unavailable",
    code: "no_answer",
  });
  expect(await applications.listSecrets("conn_app_none")).toEqual({
    ok: false,
    problem: "refused",
    code: "absent",
  });
  double.setOptions({ forbidden: true });
  expect(await applications.find(id)).toMatchObject({ problem: "access_lost", code: "forbidden" });
});
