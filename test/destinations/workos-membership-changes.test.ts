import { expect, test } from "vitest";
import type { MembershipChange } from "../../src/destinations/structure.ts";
import { fingerprintOf } from "../../src/plan/fingerprint.ts";
import { setUp, type Tries } from "./workos-setup.ts";

/** Changes and removals of memberships that stand. */

const written = (roles: readonly string[]) => fingerprintOf({ sub: "sub", organization: "acme", roles });

/** A membership that was made with these roles. */
async function standing(made: readonly string[]) {
  const setup = await setUp({ multipleRoles: true });
  const { organizations, roles, memberships } = setup.workos;
  const [user] = setup.double.seed([{ email: "ada@example.com" }]);
  const acme = await setup.send(organizations, { externalId: "acme", name: "Acme", verifiedDomains: [] });
  if (acme.kind !== "created") throw new Error(acme.kind);
  for (const slug of ["admin", "editor"])
    await setup.send(roles, { slug, name: slug, description: "", permissions: [] });
  const ids = { userId: user?.id ?? "", organizationId: acme.destinationId };
  const outcome = await setup.send(memberships, { ...ids, roles: made });
  if (outcome.kind !== "created") throw new Error(outcome.kind);
  setup.verbs.length = 0;
  const { updates, removals } = memberships;
  if (updates === undefined || removals === undefined) throw new Error("WorkOS changes memberships.");
  const change = (
    roles: readonly string[],
    given: Partial<MembershipChange> = {},
    tries: Partial<Tries> = {},
  ) => {
    const known = { destinationId: outcome.destinationId, planned: written(roles), written: written(made) };
    const record: MembershipChange = {
      ...{ ...ids, ...known, roles, defaultRoles: made.length === 0 ? ["member"] : null },
      ...{ changedThere: "keep", ...given },
    };
    return setup.send(updates, record, tries);
  };
  const remove = (destinationId: string | null = outcome.destinationId, tries: Partial<Tries> = {}) =>
    setup.send(removals, { ...ids, destinationId }, tries);
  const found = () =>
    setup.double.state().memberships.map(({ id, status, roles: own }) => ({
      id,
      status,
      roles: own.map(({ slug }) => slug).sort(),
    }));
  return { ...setup, id: outcome.destinationId, change, remove, found, ids };
}

test.each([
  { made: ["editor"], wanted: ["admin"] },
  { made: ["editor", "admin"], wanted: ["admin"] },
  { made: ["editor"], wanted: ["editor", "admin"] },
  { made: [], wanted: ["admin"] },
])("roles $made become $wanted", async ({ made, wanted }) => {
  const { change, found, id, verbs } = await standing(made);
  expect(await change(wanted)).toEqual({
    ...{ kind: "updated", destinationId: id, kept: [] },
    fingerprint: written(wanted),
  });
  expect(found()).toEqual([{ id, status: "active", roles: wanted.toSorted() }]);
  expect(verbs).toEqual(["read", "write"]);
  // Seen at the next look.
  expect(await change(wanted)).toMatchObject({ kind: "updated" });
  expect(verbs).toEqual(["read", "write", "read"]);
});

test("whoever is in no group any more has the default role, which WorkOS gives to a new membership alone", async () => {
  const { change, found, id } = await standing(["admin"]);
  const outcome = await change([]);
  expect(outcome).toMatchObject({
    kind: "updated",
    fingerprint: written([]),
    details: { roles: ["member"] },
  });
  expect(found()).toMatchObject([{ status: "active", roles: ["member"] }]);
  expect(outcome).not.toMatchObject({ destinationId: id });
});

test("a membership that was taken away for its default role, and no more, is made again", async () => {
  const { change, found, double } = await standing(["admin"]);
  double.faults.add({ match: { operation: "createMembership" }, times: 1, effect: { kind: "reset" } });
  expect(await change([])).toMatchObject({ kind: "unknown" });
  expect(found()).toEqual([]);
  expect(await change([], {}, { inDoubt: true })).toMatchObject({ kind: "updated" });
  expect(found()).toMatchObject([{ roles: ["member"] }]);
});

test("roles that somebody gave there stay, unless the file says otherwise", async () => {
  const { change, found, double, id } = await standing(["editor"]);
  const [standing0] = double.stores.memberships.all();
  Object.assign(standing0 ?? {}, { role: { slug: "admin" }, roles: [{ slug: "admin" }] });
  expect(await change([])).toMatchObject({ kept: ["roles"], fingerprint: written(["editor"]) });
  expect(found()).toMatchObject([{ id, roles: ["admin"] }]);
  expect(await change([], { changedThere: "overwrite" })).toMatchObject({ kept: [] });
  expect(found()).toMatchObject([{ roles: ["member"] }]);
});

test("a membership that somebody took away is not given back", async () => {
  const { change, double, found } = await standing(["editor"]);
  const [membership] = double.stores.memberships.all();
  Object.assign(membership ?? {}, { status: "inactive" });
  expect(await change(["admin"])).toMatchObject({ kept: ["roles"] });
  expect(found()).toMatchObject([{ status: "inactive", roles: ["editor"] }]);
  expect(await change(["admin"], { destinationId: "om_gone" })).toEqual({
    kind: "skipped",
    reason: "removed_at_destination",
  });
});

test("a membership is removed; one that is gone already was removed by somebody else, unless a try of ours may have", async () => {
  const { remove, found, id } = await standing(["editor"]);
  expect(await remove()).toEqual({ kind: "removed" });
  expect(found()).toEqual([]);
  expect(await remove(id, { inDoubt: true })).toEqual({ kind: "removed" });
  expect(await remove()).toEqual({ kind: "skipped", reason: "removed_at_destination" });
});

test("one in doubt is removed only where this migration made it", async () => {
  const { remove, found, ledgerClock } = await standing(["editor"]);
  const sinceMs = Date.now();
  const doubt = { inDoubt: true, firstClaimedAtMs: sinceMs, lastTriedAtMs: sinceMs };
  const older = { ...doubt, firstClaimedAtMs: sinceMs + 10 * 60_000 };
  expect(await remove(null, older)).toEqual({ kind: "skipped", reason: "not_made_here" });
  expect(found()).toHaveLength(1);
  expect(await remove(null, doubt)).toEqual({ kind: "removed" });
  expect(found()).toEqual([]);
  expect(await remove(null, doubt)).toMatchObject({ kind: "too_early" });
  ledgerClock.aheadMs = 120_000;
  expect(await remove(null, doubt)).toEqual({ kind: "removed" });
});
