import { expect, test } from "vitest";
import { sendOne } from "../../src/destinations/sending.ts";
import type { OrganizationRecord } from "../../src/domain/records.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";
import { AT_ONCE, itemOf, LONG_AGO, setUp, type Tries } from "./workos-setup.ts";

const RECORD: OrganizationRecord = { externalId: "acme", name: "Acme Inc.", verifiedDomains: [] };

async function setUpOrganizations(options: GivenOptions = {}, callTimeoutMs?: number) {
  const setup = await setUp(options, callTimeoutMs);
  const { stores } = setup.double;
  const send = (fields: Partial<Tries> = {}, record: Partial<OrganizationRecord> = {}) =>
    setup.send(setup.workos.organizations, { ...RECORD, ...record }, fields);
  const seed = (externalId = RECORD.externalId) =>
    stores.organizations.add({
      object: "organization",
      ...stores.organizations.stamp(),
      created_at: LONG_AGO,
      name: "Theirs",
      domains: [],
      metadata: {},
      external_id: externalId,
      allow_profiles_outside_organization: false,
    });
  return { ...setup, send, seed };
}

const onCreate = (effect: FaultEffect) => ({ match: { operation: "createOrganization" }, times: 1, effect });
const onLookUp = (effect: FaultEffect) => ({
  match: { operation: "getOrganizationByExternalId" },
  times: 1,
  effect,
});

test("creates an organization without domains", async () => {
  const { double, send, calls, verbs } = await setUpOrganizations();
  const outcome = await send();
  const [made] = double.state().organizations;
  expect(outcome).toEqual({ kind: "created", destinationId: made?.id });
  expect(made).toMatchObject({ name: "Acme Inc.", external_id: "acme", domains: [] });
  expect(calls()).toEqual(["createOrganization 201"]);
  expect(verbs).toEqual(["write"]);
});

test("an organization is found by its external id", async () => {
  const { workos, double, seed } = await setUpOrganizations();
  expect(await workos.organizations.find("acme")).toEqual({ ok: true, value: null });
  const { id } = seed();
  expect(await workos.organizations.find("acme")).toEqual({ ok: true, value: id });
  double.faults.add(onLookUp({ kind: "reset" }));
  expect(await workos.organizations.find("acme")).toMatchObject({ ok: false, problem: "unavailable" });
});

test("an organization is found by its id, whatever its external id is by now", async () => {
  const { workos, double, seed } = await setUpOrganizations();
  const { id } = seed("moved");
  expect(await workos.organizations.findById(id)).toEqual({ ok: true, value: id });
  expect(await workos.organizations.findById("org_gone")).toEqual({ ok: true, value: null });
  double.faults.add({ match: { operation: "getOrganization" }, times: 1, effect: { kind: "reset" } });
  expect(await workos.organizations.findById(id)).toMatchObject({ ok: false, problem: "unavailable" });
});

test("domains that were named are verified", async () => {
  const { double, send } = await setUpOrganizations();
  await send({}, { verifiedDomains: ["acme.example.com"] });
  expect(double.state().organizations).toMatchObject([
    { domains: [{ domain: "acme.example.com", state: "verified" }] },
  ]);
});

test("an organization in doubt is looked up first", async () => {
  const { send, calls, verbs } = await setUpOrganizations();
  const first = await send();
  expect(await send({ inDoubt: true })).toEqual(first);
  expect(calls()).toEqual(["createOrganization 201", "getOrganizationByExternalId 200"]);
  expect(verbs).toEqual(["write", "read"]);
});

test("an organization older than the first claim is already there", async () => {
  const { double, send, seed, calls, verbs } = await setUpOrganizations();
  const { id } = seed();
  expect(await send()).toEqual({ kind: "already_there", destinationId: id });
  expect(await send({ inDoubt: true })).toEqual({ kind: "already_there", destinationId: id });
  expect(calls()).toEqual([
    "createOrganization 400",
    "getOrganizationByExternalId 200",
    "getOrganizationByExternalId 200",
  ]);
  expect(verbs).toEqual(["write", "read", "read"]);
  expect(double.state().organizations).toMatchObject([{ name: "Theirs" }]);
});

test("clocks may differ by less than five minutes", async () => {
  const { send } = await setUpOrganizations();
  await send();
  const ahead = (minutes: number) => ({ inDoubt: true, firstClaimedAtMs: Date.now() + minutes * 60_000 });
  expect(await send(ahead(4))).toMatchObject({ kind: "created" });
  expect(await send(ahead(6))).toMatchObject({ kind: "already_there" });
});

const AFTER_EFFECT: FaultEffect[] = [
  { kind: "status_after_effect", status: 500 },
  { kind: "reset_after_effect" },
];

test.each(AFTER_EFFECT)("an organization without an answer is found: $kind", async (effect) => {
  const { double, send, verbs } = await setUpOrganizations();
  double.faults.add(onCreate(effect));
  expect(await send()).toMatchObject({ kind: "created" });
  expect(double.state().createdOrganizations).toEqual({ acme: 1 });
  expect(verbs).toEqual(["write", "read"]);
});

test.each(AFTER_EFFECT)("a lagging look-up makes no organization twice: $kind", async (effect) => {
  const { double, send } = await setUpOrganizations({ lookupLagMs: 60_000 });
  double.faults.add(onCreate(effect));
  expect(await send()).toMatchObject({ kind: "unknown", retryAfterMs: 1_000 });
  expect(await send({ inDoubt: true })).toMatchObject({ kind: "unknown", code: "exists_but_not_visible" });
  expect(double.state().createdOrganizations).toEqual({ acme: 1 });
});

test("a create without effect is repeated", async () => {
  const { double, send } = await setUpOrganizations();
  double.faults.add(onCreate({ kind: "reset" }));
  expect(await send()).toMatchObject({ kind: "unknown", code: "no_answer" });
  expect(await send({ inDoubt: true })).toMatchObject({ kind: "created" });
});

test("a create that hangs ends at its timeout", async () => {
  const { double, send } = await setUpOrganizations({}, 100);
  double.faults.add(onCreate({ kind: "hang" }));
  expect(await send()).toMatchObject({ kind: "unknown", code: "timeout" });
});

test("any refusal is looked up", async () => {
  const { double, send, seed } = await setUpOrganizations();
  const { id } = seed();
  for (const status of [400, 404, 409, 422]) {
    double.faults.add(onCreate({ kind: "status", status, body: { message: "undocumented" } }));
    expect(await send()).toEqual({ kind: "already_there", destinationId: id });
  }
});

test("a refused organization that is nowhere carries its code", async () => {
  const { double, send } = await setUpOrganizations();
  const body = { code: "invalid_metadata", message: "No." };
  double.faults.add(onCreate({ kind: "status", status: 400, body }));
  expect(await send()).toEqual({ kind: "rejected", code: "invalid_metadata", message: "No." });
});

test("a domain that another organization has is refused for good, with the vendor's words", async () => {
  const { double, send } = await setUpOrganizations();
  await send({}, { externalId: "other", verifiedDomains: ["acme.example.com"] });
  expect(await send({}, { verifiedDomains: ["acme.example.com"] })).toEqual({
    kind: "rejected",
    code: "organization_domain_taken",
    message: "The domain 'acme.example.com' belongs to another organization.",
  });
  expect(double.state().createdOrganizations).toEqual({ other: 1 });
});

test("our own organization is found whatever its conflict is about", async () => {
  const { send, seed } = await setUpOrganizations();
  await send({}, { externalId: "other", verifiedDomains: ["acme.example.com"] });
  const { id } = seed("mine");
  const record = { externalId: "mine", verifiedDomains: ["acme.example.com"] };
  expect(await send({}, record)).toEqual({ kind: "already_there", destinationId: id });
});

test("a conflict about something unseen waits with the vendor's words", async () => {
  const { double, send } = await setUpOrganizations();
  const refused = (code: string | undefined, message: string) =>
    double.faults.add(onCreate({ kind: "status", status: 409, body: { code, message } }));
  const waits = { kind: "unknown", code: "exists_but_not_visible", retryAfterMs: 1_000 };
  refused(undefined, "It is there.");
  expect(await send({}, { verifiedDomains: ["acme.example.com"] })).toMatchObject(waits);
  refused("external_id_already_used", "Its external id names the domain of another one.");
  expect(await send({}, { verifiedDomains: ["acme.example.com"] })).toMatchObject(waits);
  // Without a domain, it cannot be over one.
  refused(undefined, "The domain is in use.");
  expect(await send()).toMatchObject(waits);
});

test("throttling before any effect slows down", async () => {
  const { double, send, calls } = await setUpOrganizations();
  const slow = { kind: "status", status: 429, headers: { "retry-after": "7" }, body: {} } as const;
  double.faults.add(onCreate(slow), onLookUp(slow));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
  expect(await send({ inDoubt: true })).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
  expect(calls()).toEqual(["createOrganization 429", "getOrganizationByExternalId 429"]);
});

test("throttling after an unclear create keeps the doubt", async () => {
  const { double, send } = await setUpOrganizations();
  double.faults.add(onCreate({ kind: "reset_after_effect" }));
  double.faults.add(onLookUp({ kind: "status", status: 429, headers: { "retry-after": "4" }, body: {} }));
  expect(await send()).toMatchObject({ kind: "unknown", code: "no_answer", retryAfterMs: 4_000 });
});

test("a revoked key is lost access", async () => {
  const { double, send } = await setUpOrganizations();
  double.setOptions({ key: "sk_test_rotated" });
  expect(await send()).toEqual({ kind: "access_lost", code: "unauthorized" });
  expect(await send({ inDoubt: true })).toEqual({ kind: "access_lost", code: "unauthorized" });
});

test("a batch that stops sends nothing more", async () => {
  const { workos, calls } = await setUpOrganizations();
  const call = { ...AT_ONCE, write: () => Promise.reject(new Error("The batch stops.")) };
  await expect(sendOne(workos.organizations, itemOf(RECORD), call)).rejects.toThrow("The batch stops.");
  expect(calls()).toEqual([]);
});
