import { expect, test } from "vitest";
import { FILE, nth, SEVERAL, tenants } from "./changing-pool.ts";
import { again, cancelledAfter, membershipsOf, migrated, USERS } from "./migrated.ts";
import { standsAt } from "./same-as-fresh.ts";
import { setStage } from "./stage.ts";

/** Memberships of which nobody knows what became of them, in a run after which the plan says otherwise. */

const LOST = { kind: "reset_after_effect" } as const;

test.each([
  ["no role", () => []],
  ["another role", (members: string[]) => members],
])("one that was made with a role has %s where the plan says so by now", async (_, moved) => {
  const pool = tenants(USERS);
  const stage = await setStage({ pool, file: FILE, workos: SEVERAL });
  stage.workos.faults.add({ match: { operation: "createMembership" }, times: 1_000, effect: LOST });
  stage.workos.faults.add({
    match: { operation: "listMemberships" },
    times: 1_000,
    effect: { kind: "status", status: 502 },
  });
  await stage.work();
  await cancelledAfter(stage, "createMembership");
  expect(standsAt(stage.workos).members.some((member) => member.endsWith("admins"))).toBe(true);
  const [admins, editors] = pool.groups;
  editors?.members.push(...moved(admins?.members ?? []));
  admins?.members.splice(0);
  await again(stage);
  expect(standsAt(stage.workos).members.filter((member) => member.includes("admins"))).toEqual([]);
});

test.each(["deleteMembership", "createMembership"])(
  "one that is made anew for the default role is there once, and goes with its person, though %s was the last call",
  async (operation) => {
    const stage = await migrated();
    const admin = nth(stage.pool, 0);
    for (const group of stage.pool.groups)
      group.members = group.members.filter((member) => member !== admin.sub);
    stage.workos.faults.add({ match: { operation }, times: 1_000, effect: LOST });
    await cancelledAfter(stage, operation);
    await again(stage);
    expect(membershipsOf(stage, admin.sub)).toEqual([`${admin.sub} tenant-0 active member`]);
    delete admin.attributes["custom:tenant"];
    await again(stage);
    expect(membershipsOf(stage, admin.sub)).toEqual([]);
  },
);

test("one that was made anew for the default role goes with its person, though nobody heard of it", async () => {
  const stage = await migrated();
  const admin = nth(stage.pool, 0);
  for (const group of stage.pool.groups)
    group.members = group.members.filter((member) => member !== admin.sub);
  stage.workos.faults.add({ match: { operation: "createMembership" }, times: 1_000, effect: LOST });
  await cancelledAfter(stage, "createMembership");
  delete admin.attributes["custom:tenant"];
  await again(stage);
  expect(membershipsOf(stage, admin.sub)).toEqual([]);
});
