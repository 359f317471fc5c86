import { expect, test } from "vitest";
import type { FoundMember } from "../../src/destinations/structure.ts";
import type { MembershipRecord } from "../../src/domain/records.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import type { WorkosMembership } from "../doubles/workos/membership-store.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";
import { AT_ONCE, itemOf, LONG_AGO, setUp, type Tries } from "./workos-setup.ts";

async function setUpMemberships(options: GivenOptions = {}) {
  const setup = await setUp(options);
  const { stores } = setup.double;
  const { organizations, roles, memberships } = setup.workos;
  const [user] = setup.double.seed([{ email: "ada@example.com" }]);
  const acme = { externalId: "acme", name: "Acme", verifiedDomains: [] };
  const sent = await setup.send(organizations, acme);
  if (sent.kind !== "created") throw new Error(sent.kind);
  for (const slug of ["admin", "editor"])
    await setup.send(roles, { slug, name: slug, description: "", permissions: [] });
  const ids = { userId: user?.id ?? "", organizationId: sent.destinationId };
  setup.verbs.length = 0;
  const before = setup.calls().length;

  const send = (fields: Partial<Tries> = {}, record: Partial<MembershipRecord> = {}) =>
    setup.send(memberships, { ...ids, roles: [], ...record }, fields);
  const seed = (fields: Partial<WorkosMembership> = {}) =>
    stores.memberships.add({
      object: "organization_membership",
      ...stores.memberships.stamp(),
      created_at: LONG_AGO,
      user_id: ids.userId,
      organization_id: ids.organizationId,
      status: "active",
      directory_managed: false,
      role: { slug: "admin" },
      roles: [{ slug: "admin" }],
      ...fields,
    });
  const key = `${ids.userId} ${ids.organizationId}`;
  return { ...setup, send, seed, ids, key, calls: () => setup.calls().slice(before) };
}

const onCreate = (effect: FaultEffect) => ({ match: { operation: "createMembership" }, times: 1, effect });
const onLookUp = (effect: FaultEffect) => ({ match: { operation: "listMemberships" }, times: 1, effect });

test.each([
  { roles: [], made: ["member"] },
  { roles: ["editor"], made: ["editor"] },
  { roles: ["editor", "admin"], made: ["editor", "admin"] },
])("a member gets the roles $roles", async ({ roles, made }) => {
  const { double, send, calls, verbs } = await setUpMemberships({ multipleRoles: roles.length > 1 });
  const outcome = await send({}, { roles });
  const [membership] = double.state().memberships;
  // Where WorkOS chose the role, a later change has to know which.
  const details = roles.length === 0 ? { details: { roles: made } } : {};
  expect(outcome).toEqual({ kind: "created", destinationId: membership?.id, ...details });
  expect(membership).toMatchObject({ status: "active", roles: made.map((slug) => ({ slug })) });
  expect(calls()).toEqual(["createMembership 201"]);
  expect(verbs).toEqual(["write"]);
});

test("several roles in an environment of single ones are refused", async () => {
  const { send } = await setUpMemberships();
  expect(await send({}, { roles: ["editor", "admin"] })).toMatchObject({
    kind: "rejected",
    code: "multiple_roles_not_enabled",
  });
});

test("a role that is not there is refused", async () => {
  const { send } = await setUpMemberships();
  expect(await send({}, { roles: ["nobody"] })).toMatchObject({ kind: "rejected", code: "invalid_role" });
});

test("a membership in doubt is looked up first", async () => {
  const { send, calls, verbs } = await setUpMemberships();
  const first = await send();
  expect(await send({ inDoubt: true })).toEqual(first);
  expect(calls()).toEqual(["createMembership 201", "listMemberships 200"]);
  expect(verbs).toEqual(["write", "read"]);
});

test.each(["conflict409", "unprocessable422"] as const)(
  "a member who is there stays as they are: %s",
  async (membershipDuplicateStyle) => {
    const { double, send, seed } = await setUpMemberships({ membershipDuplicateStyle });
    const before = structuredClone(seed());
    const alreadyThere = { kind: "already_there", destinationId: before.id };
    expect(await send({}, { roles: ["editor"] })).toEqual(alreadyThere);
    expect(await send({ inDoubt: true }, { roles: ["editor"] })).toEqual(alreadyThere);
    expect(double.state().memberships).toEqual([before]);
  },
);

test("any refusal of a membership is looked up", async () => {
  const { double, send, seed } = await setUpMemberships();
  const { id } = seed({ status: "inactive" });
  for (const status of [400, 404, 409, 422]) {
    double.faults.add(onCreate({ kind: "status", status, body: { message: "undocumented" } }));
    expect(await send()).toEqual({ kind: "already_there", destinationId: id });
  }
});

test("an inactive member is not made anew for the default role, though what changed there is overwritten", async () => {
  const { double, workos, ...setup } = await setUpMemberships();
  const standing = setup.seed({ status: "inactive" });
  const { updates } = workos.memberships;
  if (updates === undefined) throw new Error("WorkOS changes memberships.");
  const [membership] = double.state().memberships;
  const change = {
    ...setup.ids,
    ...{ destinationId: membership?.id ?? "", roles: [], planned: "roles:new", written: "roles:old" },
    ...{ defaultRoles: null, changedThere: "overwrite" as const },
  };
  const [outcome] = await updates.send([itemOf(change)], AT_ONCE);
  expect(outcome).toMatchObject({ kind: "updated", kept: ["roles"], fingerprint: "roles:old" });
  expect(standing).toMatchObject({ status: "inactive" });
  expect(double.state().memberships).toMatchObject([{ id: membership?.id, status: "inactive" }]);
});

test("an inactive member in doubt stays inactive", async () => {
  const { double, send, seed } = await setUpMemberships();
  const before = structuredClone(seed({ status: "inactive" }));
  expect(await send({ inDoubt: true })).toEqual({ kind: "already_there", destinationId: before.id });
  expect(double.state().memberships).toEqual([before]);
});

test("a create that found an older membership made none", async () => {
  const { send, seed } = await setUpMemberships();
  const { id } = seed({ status: "inactive" });
  expect(await send()).toEqual({ kind: "already_there", destinationId: id });
});

test.each([{ inDoubt: false }, { inDoubt: true }])(
  "an invited user is refused: in doubt $inDoubt",
  async ({ inDoubt }) => {
    const { double, send, seed } = await setUpMemberships();
    const before = structuredClone(seed({ status: "pending" }));
    expect(await send({ inDoubt })).toMatchObject({
      kind: "rejected",
      code: "cannot_reactivate_pending_organization_membership",
    });
    expect(double.state().memberships).toEqual([before]);
  },
);

test.each([{ inDoubt: false }, { inDoubt: true }])(
  "a missing user or organization is told: in doubt $inDoubt",
  async ({ inDoubt }) => {
    const { send } = await setUpMemberships();
    const missing = { kind: "rejected", code: "user_or_organization_missing" };
    expect(await send({ inDoubt }, { userId: "user_nobody" })).toMatchObject(missing);
    expect(await send({ inDoubt }, { organizationId: "org_nowhere" })).toMatchObject(missing);
  },
);

test.each<FaultEffect>([{ kind: "status_after_effect", status: 500 }, { kind: "reset_after_effect" }])(
  "a membership without an answer is found: $kind",
  async (effect) => {
    const { double, send, key } = await setUpMemberships();
    double.faults.add(onCreate(effect));
    expect(await send()).toMatchObject({ kind: "created" });
    expect(double.state().createdMemberships).toEqual({ [key]: 1 });
  },
);

test.each(["conflict409", "unprocessable422"] as const)(
  "a lagging list makes no membership twice: %s",
  async (membershipDuplicateStyle) => {
    const { double, send, key } = await setUpMemberships({ membershipDuplicateStyle, lookupLagMs: 60_000 });
    double.faults.add(onCreate({ kind: "reset_after_effect" }));
    expect(await send()).toMatchObject({ kind: "unknown", code: "no_answer" });
    expect(await send({ inDoubt: true })).toMatchObject({ kind: "unknown", code: "exists_but_not_visible" });
    expect(double.state().createdMemberships).toEqual({ [key]: 1 });
  },
);

test("throttling before any effect slows down", async () => {
  const { double, send } = await setUpMemberships();
  const slow = { kind: "status", status: 429, headers: { "retry-after": "7" }, body: {} } as const;
  double.faults.add(onCreate(slow), onLookUp(slow));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
  expect(await send({ inDoubt: true })).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
});

test("throttling after an unclear create keeps the doubt", async () => {
  const { double, send } = await setUpMemberships();
  double.faults.add(onCreate({ kind: "reset_after_effect" }));
  double.faults.add(onLookUp({ kind: "status", status: 429, headers: { "retry-after": "4" }, body: {} }));
  expect(await send()).toMatchObject({ kind: "unknown", code: "no_answer", retryAfterMs: 4_000 });
});

test("a key without the right is lost access", async () => {
  const { double, send } = await setUpMemberships();
  double.setOptions({ forbidden: true });
  expect(await send()).toEqual({ kind: "access_lost", code: "forbidden" });
});

test("lists an organization's members once, oldest first, whatever their status", async () => {
  const { double, workos, seed, ids, calls } = await setUpMemberships();
  const people = Array.from({ length: 102 }, (_, n) => ({
    email: `p${n}@example.com`,
    external_id: `sub-${n}`,
  }));
  const seeded = double.seed(people);
  for (const { id } of seeded) seed({ user_id: id, status: "inactive" });
  const [stranger] = double.seed([{ email: "somebody@example.com" }]);
  seed({ user_id: stranger?.id ?? "", roles: [{ slug: "editor" }, { slug: "admin" }] });
  const members: FoundMember[] = [];
  let cursor: string | null = null;
  do {
    const page = await workos.memberships.list(ids.organizationId, cursor);
    if (!page.ok) throw new Error(page.problem);
    members.push(...page.value.members);
    cursor = page.value.nextCursor;
  } while (cursor !== null);
  expect(members).toEqual([
    ...seeded.map((person) => ({
      userId: person.id,
      userExternalId: person.external_id,
      status: "inactive",
      roles: ["admin"],
    })),
    { userId: stranger?.id, userExternalId: null, status: "active", roles: ["editor", "admin"] },
  ]);
  expect(calls()).toEqual(["listMemberships 200", "listMemberships 200"]);
});

test("finds one member, and an invitation only where there is nothing else", async () => {
  const { double, workos, seed, ids } = await setUpMemberships();
  const find = () => workos.memberships.find(ids.userId, ids.organizationId);
  expect(await find()).toEqual({ ok: true, value: null });
  const membership = seed({ status: "pending" });
  const found = { userId: ids.userId, userExternalId: null, status: "pending", roles: ["admin"] };
  expect(await find()).toEqual({ ok: true, value: found });
  double.stores.memberships.change(membership, { status: "active" });
  expect(await find()).toEqual({ ok: true, value: { ...found, status: "active" } });
});

test("one odd row costs its page nothing, and is told", async () => {
  const { double, workos, seed, ids } = await setUpMemberships();
  const good = { ...seed(), user: { external_id: "sub-1" } };
  const data = [{ ...good, id: "om_odd", status: "suspended" }, good];
  const body = { object: "list", data, list_metadata: { before: null, after: null } };
  double.faults.add(onLookUp({ kind: "status", status: 200, body }));
  expect(await workos.memberships.list(ids.organizationId, null)).toMatchObject({
    ok: true,
    value: { members: [{ userExternalId: "sub-1", status: "active" }], unreadable: ["om_odd"] },
  });
});

test("who or what is not there has no members", async () => {
  const { workos, ids } = await setUpMemberships();
  const { memberships } = workos;
  expect(await memberships.list("org_nowhere", null)).toEqual({
    ok: true,
    value: { members: [], unreadable: [], nextCursor: null },
  });
  expect(await memberships.find(ids.userId, "org_nowhere")).toEqual({ ok: true, value: null });
  expect(await memberships.find("user_nobody", ids.organizationId)).toEqual({
    ok: true,
    value: null,
  });
});

test("a refused cursor and an outage are no empty organization", async () => {
  const { double, workos, ids } = await setUpMemberships();
  const { list, find } = workos.memberships;
  const { userId, organizationId } = ids;
  double.faults.add(onLookUp({ kind: "status", status: 404, body: { message: "not here" } }));
  const unavailable = { ok: false, problem: "unavailable" };
  expect(await list(organizationId, "om_gone")).toMatchObject({ problem: "dead_cursor" });
  double.faults.add({ ...onLookUp({ kind: "status", status: 404, body: "<html></html>" }), times: 2 });
  expect(await list(organizationId, null)).toMatchObject(unavailable);
  expect(await find(userId, organizationId)).toMatchObject(unavailable);
});
