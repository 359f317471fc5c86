import { expect, test } from "vitest";
import { earlierAccounts } from "../../src/ledger/earlier-accounts.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { type BridgeRig, emailOf, nextRun, startBridge } from "./rig.ts";

/** Whoever was removed at WorkOS comes back by no new account of Cognito, in whatever way Spillway came to know them. */

const EMAIL = "banned@example.com";
const NEW_PASSWORD = "Another-Horse-8";

async function removed(rig: BridgeRig, isListed: boolean, isSeen: boolean): Promise<PoolUser> {
  const old = await rig.add({ email: EMAIL }, isListed);
  expect(await rig.signIn(EMAIL)).toMatchObject({ status: 200 });
  const account = rig.workos.state().users.find(({ external_id }) => external_id === old.sub);
  const headers = { authorization: `Bearer ${rig.workos.key}` };
  await fetch(`${rig.workos.url}/user_management/users/${account?.id}`, { method: "DELETE", headers });
  if (isSeen)
    await rig.ledger.write((tx) =>
      tx.updateTable("placed").set({ state: "removed" }).where("key", "=", old.sub).execute(),
    );
  return old;
}

const LEAVING: [string, (rig: BridgeRig, user: PoolUser) => unknown][] = [
  ["deletes themselves", ({ cognito: { pool } }, user) => pool.users.splice(pool.users.indexOf(user), 1)],
  ["takes another address", (_, user) => Object.assign(user.attributes, { email: "elsewhere@example.com" })],
];

for (const isListed of [true, false])
  for (const isSeen of [true, false])
    test.each(LEAVING)(
      `whoever was removed, %s and signs up anew is not let in; listed: ${isListed}, removal seen by a run: ${isSeen}`,
      async (_, leave) => {
        const rig = await startBridge();
        leave(rig, await removed(rig, isListed, isSeen));
        await rig.add({ email: EMAIL, password: NEW_PASSWORD }, false);
        expect((await rig.signIn(EMAIL, NEW_PASSWORD)).status).not.toBe(200);
        expect(rig.workos.state().users).toEqual([]);
      },
    );

test.each([true, false])(
  "nor once the next run lists their new account; the old one listed: %s",
  async (isListed) => {
    const rig = await startBridge();
    const old = await removed(rig, isListed, true);
    rig.cognito.pool.users.splice(rig.cognito.pool.users.indexOf(old), 1);
    const again = await rig.add({ email: EMAIL, password: NEW_PASSWORD }, false);
    await nextRun(rig, {}, [{ user: again }]);
    expect(await rig.signIn(EMAIL, NEW_PASSWORD)).toMatchObject({
      status: 403,
      body: { reason: "removed_at_destination" },
    });
    expect(await rig.post("/forgot-password", { email: EMAIL })).toMatchObject({ status: 202 });
    await rig.serving.bridge.context.afterAnswers.idle();
    expect(rig.workos.state().users).toEqual([]);
    const earlier = await rig.ledger.read((db) => earlierAccounts(db, rig.migrationId, 2, [EMAIL]));
    expect(earlier).toEqual(new Map([[EMAIL, [{ sub: old.sub, email: EMAIL, removed: true }]]]));
  },
);

test("unless the file names the new account", async () => {
  const rig = await startBridge();
  const old = await removed(rig, false, true);
  rig.cognito.pool.users.splice(rig.cognito.pool.users.indexOf(old), 1);
  const again = await rig.add({ email: EMAIL, password: NEW_PASSWORD }, false);
  await nextRun(rig, { users: { decisions: { [again.sub]: "import" } } }, [{ user: again }]);
  expect(await rig.signIn(emailOf(again), NEW_PASSWORD)).toMatchObject({ status: 200 });
});
