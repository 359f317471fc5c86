import { expect, test } from "vitest";
import { nth } from "./changing-pool.ts";
import { accountOf, again, cancelledAfter, migrated } from "./migrated.ts";
import type { Stage } from "./stage.ts";

/** A verification by itself looks at everything anew, writes nothing, and leaves what the run before told. */

const verified = async (stage: Stage) => (await stage.verify()).result();

function writes({ workos }: Stage): number {
  return workos.journal.entries.filter(({ operation }) => /^(create|update|delete)/.test(operation)).length;
}

test("each verification finds what differs now, and nothing of before", async () => {
  const stage = await migrated();
  const before = writes(stage);
  expect(await verified(stage)).toMatchObject({ mode: "verify", people: 30, differences: 0 });
  const renamed = accountOf(stage, nth(stage.pool, 3).sub);
  const { first_name } = renamed;
  Object.assign(renamed, { first_name: "Somebody else" });
  expect(await verified(stage)).toMatchObject({ differences: 1 });
  // Found again, it is one still.
  expect(await verified(stage)).toMatchObject({ differences: 1 });
  Object.assign(renamed, { first_name });
  expect(await verified(stage)).toMatchObject({ people: 30, differences: 0 });
  expect(writes(stage)).toBe(before);
  // The next run knows what stands as before.
  expect((await again(stage)).changes).toEqual({
    users: { made: 0, changed: 0, removed: 0 },
    memberships: { made: 0, changed: 0, removed: 0 },
  });
});

test("after a run that was cancelled, a verification tells of what stands; the next run goes on", async () => {
  const stage = await migrated();
  nth(stage.pool, 1).attributes.given_name = "Renamed";
  nth(stage.pool, 2).attributes.given_name = "Renamed as well";
  await cancelledAfter(stage, "updateUser");
  expect((await verified(stage)).people).toBe(30);
  await again(stage);
  expect(await verified(stage)).toMatchObject({ people: 30, differences: 0 });
  expect(accountOf(stage, nth(stage.pool, 2).sub).first_name).toBe("Renamed as well");
});
