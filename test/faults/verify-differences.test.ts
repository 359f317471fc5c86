import { expect, test } from "vitest";
import { differenceSlices, type FoundDifference } from "../../src/ledger/differences.ts";
import type { WorkosMembership } from "../doubles/workos/membership-store.ts";
import { removeUser } from "../doubles/workos/removals.ts";
import { FILE, nth, SEVERAL, tenants } from "./changing-pool.ts";
import { type Stage, setStage } from "./stage.ts";

/** What somebody did at the destination is found, each thing by name, and nothing else is told. */

const USERS = 60;

async function differences(stage: Stage): Promise<FoundDifference[]> {
  return stage.withLedger(async (ledger) => {
    const found: FoundDifference[] = [];
    for await (const slice of differenceSlices(ledger, 1)) found.push(...slice);
    return found;
  });
}

/** Absence is believed a minute after a thing was written; a test does not wait for it. */
function ageEverything(stage: Stage) {
  return stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
    ),
  );
}

test("each kind of tampering is found by name, and nobody else is accused", { timeout: 60_000 }, async () => {
  const stage = await setStage({ pool: tenants(USERS), file: FILE, workos: SEVERAL });
  await stage.work();
  expect(await (await stage.start()).result()).toMatchObject({ differences: 0 });
  await ageEverything(stage);

  const { users, stores } = stage.workos;
  const organizations = new Map(
    stores.organizations.all().map(({ id, external_id }) => [id, external_id ?? ""]),
  );
  const account = (index: number) => {
    const { sub } = nth(stage.pool, index);
    const found = [...users.values()].find(({ external_id }) => external_id === sub);
    if (found === undefined) throw new Error("Nobody there has this key.");
    return { sub, found };
  };
  const membership = (index: number) => {
    const { sub, found } = account(index);
    const own = stores.memberships.all().find(({ user_id }) => user_id === found.id);
    if (own === undefined) throw new Error("They are no member.");
    return { key: `${sub} ${organizations.get(own.organization_id)}`, own };
  };
  const wanted: FoundDifference[] = [];
  const differs = (index: number, field: string, change: object) => {
    const { sub, found } = account(index);
    Object.assign(found, change);
    wanted.push({ kind: "user", key: sub, difference: "differs", field });
  };
  differs(0, "email", { email: "somebody.else@example.com" });
  differs(1, "email_verified", { email_verified: false });
  differs(2, "first_name", { first_name: "Changed" });
  differs(3, "last_name", { last_name: null });
  differs(4, "metadata.plan", { metadata: { ...account(4).found.metadata, plan: "gold" } });
  differs(5, "metadata.seat", { metadata: { plan: "free" } });
  const gone = account(6);
  const gonesMembership = membership(6);
  removeUser(stores, gone.found);
  wanted.push({ kind: "user", key: gone.sub, difference: "missing", field: "" });
  wanted.push({ kind: "membership", key: gonesMembership.key, difference: "missing", field: "" });

  const member = (index: number, field: string, change: Partial<WorkosMembership>) => {
    const { key, own } = membership(index);
    Object.assign(own, change);
    wanted.push({ kind: "membership", key, difference: "differs", field });
  };
  member(10, "roles", { role: { slug: "editors" }, roles: [{ slug: "editors" }] });
  member(12, "roles", { role: { slug: "admins" }, roles: [{ slug: "admins" }] });
  member(13, "status", { status: "inactive" });
  const left = membership(14);
  stores.memberships.remove(left.own);
  wanted.push({ kind: "membership", key: left.key, difference: "missing", field: "" });

  const [acme] = stores.organizations.all();
  const address = "stranger@example.com";
  const [stranger] = stage.workos.seed([{ email: address, external_id: address }]);
  const added = (userId: string) =>
    stores.memberships.add({
      ...{ object: "organization_membership", ...stores.memberships.stamp() },
      ...{ user_id: userId, organization_id: acme?.id ?? "", status: "active", directory_managed: false },
      ...{ role: { slug: "admins" }, roles: [{ slug: "admins" }] },
    });
  added(stranger?.id ?? "");
  wanted.push({
    kind: "membership",
    key: `${stranger?.id} ${acme?.external_id}`,
    difference: "surplus",
    field: "",
  });

  const since = stage.pool.users.length;
  stage.pool.users.push({
    ...structuredClone(nth(stage.pool, 20)),
    enabled: false,
    sub: "9c0ffee0-0000-4000-8000-000000000001",
  });
  expect(since).toBe(USERS);
  const { attributes, sub } = nth(stage.pool, since);
  Object.assign(attributes, { sub, email: "never.imported@example.com" });
  const [never] = stage.workos.seed([{ email: "never.imported@example.com", external_id: sub }]);
  added(never?.id ?? "");
  wanted.push({
    ...{ kind: "membership", key: `${sub} ${acme?.external_id}`, difference: "surplus", field: "" },
  });
  wanted.push({ kind: "user", key: sub, difference: "surplus", field: "" });

  await (await stage.start()).result();
  const byKey = (one: FoundDifference, other: FoundDifference) =>
    JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
  expect((await differences(stage)).sort(byKey)).toEqual(wanted.sort(byKey));
});
