import { expect, test } from "vitest";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { poolOf } from "../doubles/pool/pool.ts";
import { removeUser } from "../doubles/workos/removals.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { dayPasses } from "./day-passes.ts";
import { setStage } from "./stage.ts";

const LONG_TEST_MS = 60_000;

test("no organization is made that only somebody needs whom WorkOS removed", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 2, poolId: freshPoolId("needed") });
  for (const [index, user] of pool.users.entries()) user.attributes["custom:tenant"] = `tenant-${index}`;
  const stage = await setStage({
    pool: poolOf({ ...pool, attributeNames: [...pool.attributeNames, "custom:tenant"] }),
    file: { organizations: { from: "attribute", attribute: "custom:tenant" } },
  });
  await stage.work();
  const migrate = async () => (await stage.start()).result();
  await migrate();
  const { users, organizations } = stage.workos.stores;
  const gone = [...users.users.values()].find(({ external_id }) => external_id === pool.users[1]?.sub);
  if (gone === undefined) throw new Error("The run made no account for the second one.");
  removeUser(stage.workos.stores, gone);
  // Of what was written just now, absence would be believed a minute later.
  await dayPasses(stage);
  // A verification sees that the account is gone; an undo takes both organizations back.
  await (await stage.verify()).result();
  await (await stage.undo()).result();
  expect(organizations.byId.size).toBe(0);

  expect(await migrate()).toMatchObject({ imported: 1, skipped: 1 });
  expect([...organizations.byId.values()].map(({ external_id }) => external_id)).toEqual(["tenant-0"]);
});
