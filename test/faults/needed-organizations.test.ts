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

test("a redrive makes no organization to which nobody comes any more", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 5, poolId: freshPoolId("redriven") });
  const tenants = ["removed", "changed", "mixed", "mixed", "whole"];
  for (const [index, user] of pool.users.entries()) user.attributes["custom:tenant"] = tenants[index] ?? "";
  const stage = await setStage({
    pool: poolOf({ ...pool, attributeNames: [...pool.attributeNames, "custom:tenant"] }),
    file: { organizations: { from: "attribute", attribute: "custom:tenant" } },
  });
  const effect = { kind: "status", status: 422, body: { code: "not_now", message: "Not now." } } as const;
  stage.workos.faults.add({ match: { operation: "createOrganization" }, times: 4, effect });
  await stage.work();
  await (await stage.start()).result();
  const { users, organizations } = stage.workos.stores;
  expect(organizations.byId.size).toBe(0);
  for (const index of [0, 2]) {
    const account = [...users.users.values()].find(
      ({ external_id }) => external_id === pool.users[index]?.sub,
    );
    if (account === undefined) throw new Error("The run made no account.");
    removeUser(stage.workos.stores, account);
  }
  await dayPasses(stage);
  await (await stage.verify()).result();
  const changed = stage.pool.users[1];
  if (changed === undefined) throw new Error("The pool is too small.");
  changed.enabled = false;
  await (await stage.redrive()).result();
  const made = () => [...organizations.byId.values()].map(({ external_id }) => external_id).sort();
  expect(made()).toEqual(["mixed", "whole"]);
  // Who comes back is judged anew.
  changed.enabled = true;
  await (await stage.redrive()).result();
  expect(made()).toEqual(["changed", "mixed", "whole"]);
});
