import { expect, test } from "vitest";
import type { UndoSummary } from "../../src/domain/contract.ts";
import { removeApplication, removeOrganization, removeUser } from "../doubles/workos/removals.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { outcomes } from "./audit.ts";
import { FILE, nth, SEVERAL, tenants } from "./changing-pool.ts";
import { dayPasses } from "./day-passes.ts";
import { dumpOf } from "./dump-of.ts";
import { accountOf, again, membershipsOf, migrated } from "./migrated.ts";
import { standsAt } from "./same-as-fresh.ts";
import { type Stage, setStage } from "./stage.ts";
import { pastTheGate, setCredentialsStage } from "./with-credentials.ts";

const USERS = 30;

async function undo(stage: Stage, wish: Parameters<Stage["undo"]>[0] = {}): Promise<UndoSummary> {
  return (await stage.undo(wish)).result();
}

test("after an undo the destination is as it was before, adopted people too", async () => {
  const pool = tenants(USERS);
  const stage = await setStage({
    pool,
    file: { ...FILE, users: { onExisting: "adopt" } },
    workos: SEVERAL,
  });
  const [plain, named] = [nth(pool, 3), nth(pool, 4)];
  stage.workos.seed([
    { email: plain.attributes.email ?? "", email_verified: true },
    {
      email: named.attributes.email ?? "",
      email_verified: true,
      first_name: "Their own",
      metadata: { plan: "of before", theirs: "yes" },
    },
    { email: "stranger@example.com", email_verified: true, external_id: "a-stranger" },
  ]);
  const before = dumpOf(stage.workos);
  await stage.work();
  await again(stage);
  const migratedTo = standsAt(stage.workos);
  const undone = await undo(stage);
  expect(dumpOf(stage.workos)).toEqual(before);
  expect(undone.of.user).toEqual({ removed: USERS - 2, restored: 2, kept: {}, failed: {} });
  expect(undone.of.role).toMatchObject({ removed: 0, kept: { no_removal: 2 } });
  expect(undone.of.membership).toMatchObject({ removed: USERS, kept: {}, failed: {} });
  // And a migration after it brings everybody.
  const summary = await again(stage);
  expect(summary).toMatchObject({ imported: USERS, failed: 0, open: 0 });
  expect(standsAt(stage.workos)).toEqual(migratedTo);
});

test("connections, applications and redirect URIs go, with the organizations that held them", async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("undo"), users: 40 });
  const before = dumpOf(stage.workos);
  await stage.work();
  await pastTheGate(await stage.start());
  const { applications, connections, redirectUris } = stage.workos.state();
  expect([applications, connections, redirectUris].map(({ length }) => length > 0)).toEqual([
    true,
    true,
    true,
  ]);
  const undone = await undo(stage);
  // WorkOS keeps the default one, which the first became.
  const { redirectUris: left, ...others } = dumpOf(stage.workos);
  expect({ ...others, redirectUris: left.filter((uri) => !uri.default) }).toEqual(before);
  expect(left).toHaveLength(1);
  expect(undone.of.redirect_uri.kept).toEqual({ default_redirect_uri: 1 });
  expect(undone.of.application.removed).toBe(applications.length);
  expect(undone.of.connection.removed).toBe(connections.length);
  expect(undone.of.redirect_uri.removed).toBe(redirectUris.length - 1);
  expect(undone.secretsKept).toBeGreaterThan(0);
});

test("whoever signed in since stays, with what they are a member of; unless told otherwise", async () => {
  const stage = await migrated();
  const stayer = accountOf(stage, nth(stage.pool, 2).sub);
  Object.assign(stayer, { last_sign_in_at: new Date().toISOString() });
  const undone = await undo(stage);
  expect(undone.of.user).toMatchObject({ removed: USERS - 1, kept: { signed_in_since: 1 } });
  expect([...stage.workos.users.values()].map(({ id }) => id)).toEqual([stayer.id]);
  expect(standsAt(stage.workos).members).toHaveLength(1);
  expect(undone.of.membership).toMatchObject({ removed: USERS - 1, kept: { account_kept: 1 } });
  expect(undone.of.organization.kept).toEqual({ organization_in_use: 1 });
  const second = await undo(stage, { signedInSince: "remove" });
  expect(second.of.user).toMatchObject({ removed: 1, kept: {} });
  expect(stage.workos.users.size).toBe(0);
});

test("a membership goes by its own id where its organization is in doubt", async () => {
  const pool = tenants(USERS);
  const adopting = { ...FILE, users: { onExisting: "adopt" } } as const;
  const stage = await setStage({ pool, file: adopting, workos: SEVERAL });
  const stayer = nth(pool, 3);
  stage.workos.seed([{ email: stayer.attributes.email ?? "", email_verified: true }]);
  const before = dumpOf(stage.workos);
  await stage.work();
  await again(stage);
  expect(membershipsOf(stage, stayer.sub)).toHaveLength(1);
  await stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx
        .updateTable("placed")
        .set({ state: "in_doubt", destination_id: null, how: null })
        .where("kind", "=", "organization")
        .execute(),
    ),
  );
  const undone = await undo(stage);
  expect(dumpOf(stage.workos)).toEqual(before);
  expect(undone.of.user).toMatchObject({ removed: USERS - 1, restored: 1, failed: {} });
  expect(undone.of.membership).toMatchObject({ removed: USERS, kept: {}, failed: {} });
});

test("whoever was removed at the destination before an undo is not brought by the migration after it", async () => {
  const stage = await migrated();
  const gone = nth(stage.pool, 2).sub;
  const { stores } = stage.workos;
  await dayPasses(stage);
  removeUser(stores, accountOf(stage, gone));
  const undone = await undo(stage);
  expect(undone.of.user).toMatchObject({ removed: USERS - 1, kept: { removed_at_destination: 1 } });
  expect(undone.of.membership).toMatchObject({ removed: USERS, kept: {}, failed: {} });
  await again(stage);
  expect(() => accountOf(stage, gone)).toThrow();
  expect(stage.workos.users.size).toBe(USERS - 1);
  expect((await outcomes(stage)).get(gone)).toMatchObject({ reason: "removed_at_destination" });
});

test("whatever else was removed at the destination before an undo is no removal of the undo's, and stays away", {
  timeout: 90_000,
}, async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("gone"), users: 40 });
  await stage.work();
  await pastTheGate(await stage.start());
  const { stores } = stage.workos;
  const { organizations, applications, redirectUris, connections } = stage.workos.state();
  const inOrganization = ({ id }: { id: string }) =>
    connections.some(({ organization_id }) => organization_id === id);
  const organization = organizations.find((one) => !inOrganization(one));
  const application = applications.find(({ application_type }) => application_type === "oauth");
  const redirectUri = redirectUris.find((uri) => !uri.default);
  const [connection] = connections;
  if (!organization || !application || !redirectUri || !connection)
    throw new Error("The run did not make all kinds.");
  const { external_id } = organization;
  removeOrganization(stores, organization);
  removeApplication(stores, application);
  stores.redirectUris.remove(redirectUri);
  stores.connections.remove(connection);
  const undone = await undo(stage);
  for (const kind of ["organization", "application", "redirect_uri", "connection"] as const)
    expect([kind, undone.of[kind].kept.removed_at_destination, undone.of[kind].failed]).toEqual([
      kind,
      1,
      {},
    ]);
  expect(undone.of.organization.removed).toBe(organizations.length - 1);

  await pastTheGate(await stage.start());
  const now = stage.workos.state();
  expect(now.organizations.map((one) => one.external_id)).not.toContain(external_id);
  expect(now.applications).toHaveLength(applications.length - 1);
  expect(now.redirectUris.map(({ uri }) => uri)).not.toContain(redirectUri.uri);
  expect(now.connections).toHaveLength(connections.length - 1);
});

test("an undo is refused without the pool's id, for another pool, and for a migration nobody knows", async () => {
  const stage = await migrated();
  const sentence = async (wish: object) => {
    const run = await stage.undo(wish);
    return run.result().then(
      () => "",
      (error: { cause?: Error }) => error.cause?.message,
    );
  };
  expect(await sentence({ confirm: "eu-west-1_Other" })).toMatch(/"confirm" must be the pool's id/);
  expect(await sentence({ userPoolId: "eu-west-1_Other", confirm: "eu-west-1_Other" })).toMatch(
    /workflow id/,
  );
  expect(await sentence({ anything: 1 })).toMatch(/unknown key "anything"/);
  expect(stage.workos.users.size).toBe(USERS);
});
