import { expect, test } from "vitest";
import { FILE, nth } from "./changing-pool.ts";
import { accountOf, again, cancelledAfter, membershipsOf, migrated } from "./migrated.ts";

/** A removal of which nobody knows what became of it, of somebody who is enabled again before the next run. */

test.each([
  ["was never changed", []],
  ["a run had changed before", ["Earlier"]],
])("an account that %s stands as planned, and is ours as before", async (_, names) => {
  const stage = await migrated({ ...FILE, users: { disabledLater: "delete" } });
  const person = nth(stage.pool, 5);
  const memberships = membershipsOf(stage, person.sub);
  for (const name of names) {
    person.attributes.given_name = name;
    await again(stage);
  }
  person.enabled = false;
  stage.workos.faults.add({
    match: { operation: "deleteUser" },
    times: 1_000,
    effect: { kind: "status", status: 503 },
  });
  await cancelledAfter(stage, "deleteUser");
  person.enabled = true;
  person.attributes.given_name = "Renamed";
  await again(stage);
  expect(accountOf(stage, person.sub).first_name).toBe("Renamed");
  expect(membershipsOf(stage, person.sub)).toEqual(memberships);
  person.enabled = false;
  await again(stage);
  expect(() => accountOf(stage, person.sub)).toThrow();
});
