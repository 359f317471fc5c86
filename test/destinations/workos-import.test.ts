import { expect, test } from "vitest";
import { sendOne } from "../../src/destinations/sending.ts";
import { recordFingerprint } from "../../src/plan/record.ts";
import { AT_ONCE, itemOf, LONG_AGO, recordOf, requestOf, setUp } from "./workos-setup.ts";

const EXTERNAL_ID = recordOf().externalId;
const EMAIL = recordOf().email;

test("creates a user with every field", async () => {
  const { double, importOne, verbs, calls } = await setUp();
  const outcome = await importOne();
  const [user] = double.state().users;
  expect(outcome).toEqual({ kind: "created", destinationId: user?.id });
  expect(user).toMatchObject({
    email: EMAIL,
    email_verified: true,
    first_name: "Ada",
    last_name: "Lovelace",
    external_id: EXTERNAL_ID,
    metadata: { plan: "gold" },
  });
  expect(calls()).toEqual(["createUser 201"]);
  expect(verbs).toEqual(["write"]);
});

test("leaves absent names and metadata out", async () => {
  const { double, importOne } = await setUp();
  await importOne({
    record: recordOf({ firstName: null, lastName: null, metadata: {}, emailVerified: false }),
  });
  expect(double.state().users).toMatchObject([
    { first_name: null, last_name: null, metadata: {}, email_verified: false },
  ]);
});

test("an item in doubt is looked up first", async () => {
  const { importOne, verbs, calls } = await setUp();
  const first = await importOne();
  const second = await importOne({ inDoubt: true });
  expect(second).toEqual({ ...first, holds: recordFingerprint(recordOf()) });
  expect(calls()).toEqual(["createUser 201", "getUserByExternalId 200"]);
  expect(verbs).toEqual(["write", "read"]);
});

test("an item in doubt and not found is created", async () => {
  const { importOne, verbs, calls } = await setUp();
  expect(await importOne({ inDoubt: true })).toMatchObject({ kind: "created" });
  expect(calls()).toEqual(["getUserByExternalId 404", "createUser 201"]);
  expect(verbs).toEqual(["read", "write"]);
});

test("an account older than the first claim is already there", async () => {
  const { double, importOne, calls } = await setUp();
  const [seeded] = double.seed([{ email: EMAIL, external_id: EXTERNAL_ID, created_at: LONG_AGO }]);
  const alreadyThere = { kind: "already_there", destinationId: seeded?.id };
  expect(await importOne({ inDoubt: true })).toEqual(alreadyThere);
  expect(await importOne()).toEqual(alreadyThere);
  expect(calls()).toEqual(["getUserByExternalId 200", "createUser 400", "getUserByExternalId 200"]);
});

test("clocks may differ by less than five minutes", async () => {
  const { importOne } = await setUp();
  await importOne();
  const ahead = (minutes: number) => ({ inDoubt: true, firstClaimedAtMs: Date.now() + minutes * 60_000 });
  expect(await importOne(ahead(4))).toMatchObject({ kind: "created" });
  expect(await importOne(ahead(6))).toMatchObject({ kind: "already_there" });
});

test("emulators' conflict counts as a duplicate", async () => {
  const { double, importOne, calls } = await setUp({ duplicateStyle: "conflict409" });
  double.seed([{ email: EMAIL, external_id: EXTERNAL_ID, created_at: LONG_AGO }]);
  expect(await importOne()).toMatchObject({ kind: "already_there" });
  expect(calls()).toEqual(["createUser 409", "getUserByExternalId 200"]);
});

test("whoever has another address since an earlier try stands under the one of that", async () => {
  const { double, importOne } = await setUp();
  await importOne();
  const [user] = double.state().users;
  const before = { kind: "created", destinationId: user?.id };
  expect(
    await importOne({ inDoubt: true, record: { ...recordOf(), email: EMAIL.toUpperCase() } }),
  ).toMatchObject(before);
  const other = { ...recordOf(), email: "taken-since@example.com" };
  const holds = recordFingerprint(recordOf());
  expect(await importOne({ inDoubt: true, record: other })).toEqual({ ...before, holds });
  expect(double.state().users).toMatchObject([{ email: EMAIL }]);
});

test("our key under another address is ours", async () => {
  const { double, importOne } = await setUp();
  double.seed([{ email: "renamed@example.com", external_id: EXTERNAL_ID, created_at: LONG_AGO }]);
  expect(await importOne()).toMatchObject({ kind: "already_there" });
});

test("an address of another external id is skipped", async () => {
  const { double, importOne, verbs } = await setUp();
  double.seed([{ email: "Ada@Example.com", external_id: "somebody-else", email_verified: true }]);
  expect(await importOne({ onExisting: "adopt" })).toEqual({ kind: "skipped", reason: "external_id_taken" });
  expect(verbs).toEqual(["write", "read", "read"]);
});

test("an account of somebody else is skipped", async () => {
  const { double, importOne } = await setUp();
  const [before] = structuredClone(double.seed([{ email: EMAIL, email_verified: true }]));
  expect(await importOne()).toEqual({ kind: "skipped", reason: "exists_at_destination" });
  expect(double.state().users).toEqual([before]);
});

test("a taken address that nobody shows stays open", async () => {
  const { double, importOne } = await setUp({ lookupLagMs: 60_000 });
  await importOne({ record: recordOf({ externalId: "other" }) });
  const outcome = await importOne();
  expect(outcome).toMatchObject({ kind: "unknown", code: "exists_but_not_visible", retryAfterMs: 1_000 });
  expect(double.users.size).toBe(1);
});

test("a batch that stops sends nothing more", async () => {
  const { workos, calls } = await setUp();
  const { record: user, ...policy } = requestOf();
  const call = { ...AT_ONCE, write: () => Promise.reject(new Error("The batch stops.")) };
  await expect(sendOne(workos.users, itemOf({ user, ...policy }), call)).rejects.toThrow("The batch stops.");
  expect(calls()).toEqual([]);
});
