import { expect, test } from "vitest";
import type { DestinationUser } from "../../src/domain/records.ts";
import { LONG_AGO, recordOf, setUp } from "./workos-setup.ts";

const VERIFIED = {
  email: recordOf().email,
  email_verified: true,
  first_name: "A.",
  metadata: { theirs: "kept", plan: "free" },
  created_at: LONG_AGO,
};

async function setUpAdoption(seeded: typeof VERIFIED) {
  const setup = await setUp();
  const [user] = setup.double.seed([seeded]);
  const images: DestinationUser[] = [];
  const beforeAdopt = async (image: DestinationUser) => {
    images.push(image);
    expect(setup.calls()).not.toContainEqual(expect.stringContaining("updateUser"));
  };
  const adopt = (record = recordOf(), inDoubt = false) =>
    setup.importOne({ record, inDoubt, onExisting: "adopt", beforeAdopt });
  return { ...setup, id: user?.id ?? "", images, adopt };
}

test("adopts a verified account after its image", async () => {
  const { double, id, images, adopt, verbs } = await setUpAdoption(VERIFIED);
  const adopted = await adopt();
  const changedAtMs = Date.parse(double.users.get(id)?.updated_at ?? "");
  expect(adopted).toEqual({ kind: "adopted", destinationId: id, details: { changedAtMs } });
  expect(images).toEqual([
    {
      id,
      email: VERIFIED.email,
      emailVerified: true,
      firstName: "A.",
      lastName: null,
      externalId: null,
      metadata: { theirs: "kept", plan: "free" },
      createdAtMs: Date.parse(LONG_AGO),
      changedAtMs: Date.parse(LONG_AGO),
      lastSignInAtMs: null,
    },
  ]);
  expect(double.users.get(id)).toMatchObject({
    external_id: recordOf().externalId,
    first_name: "Ada",
    last_name: "Lovelace",
    email_verified: true,
    metadata: { theirs: "kept", plan: "gold" },
  });
  expect(verbs).toEqual(["write", "read", "read", "write"]);
});

test("an absent name leaves theirs alone", async () => {
  const { double, id, adopt } = await setUpAdoption(VERIFIED);
  await adopt(recordOf({ firstName: null }));
  expect(double.users.get(id)?.first_name).toBe("A.");
});

test.each([
  { side: "theirs", seeded: { ...VERIFIED, email_verified: false }, record: recordOf() },
  { side: "ours", seeded: VERIFIED, record: recordOf({ emailVerified: false }) },
])("nobody is adopted where $side is unverified", async ({ seeded, record }) => {
  const { double, id, images, adopt } = await setUpAdoption(seeded);
  const before = structuredClone(double.users.get(id));
  expect(await adopt(record)).toEqual({ kind: "skipped", reason: "exists_unverified" });
  expect(images).toEqual([]);
  expect(double.users.get(id)).toEqual(before);
});

test("an account whose own metadata leaves no room fails in WorkOS's word, and stays as it was", async () => {
  const theirs = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`theirs${n}`, "kept"]));
  const { double, id, adopt } = await setUpAdoption({
    ...VERIFIED,
    metadata: { ...VERIFIED.metadata, ...theirs },
  });
  const before = structuredClone(double.users.get(id));
  expect(await adopt()).toMatchObject({ kind: "rejected", code: "invalid_metadata" });
  expect(double.users.get(id)).toEqual(before);
});

test.each([7, {}, ["theirs"]])("nobody is adopted whose external id is %j", async (external_id) => {
  const { double, id, images, adopt } = await setUpAdoption(VERIFIED);
  const row = { object: "user", ...double.users.get(id), external_id };
  const body = { object: "list", data: [row], list_metadata: { before: null, after: null } };
  double.faults.add({
    match: { operation: "listUsers" },
    times: 1,
    effect: { kind: "status", status: 200, body },
  });
  expect(await adopt()).toMatchObject({ kind: "unknown", code: "unreadable" });
  expect(images).toEqual([]);
});

test("a failing image stops the adoption", async () => {
  const { double, id, importOne } = await setUpAdoption(VERIFIED);
  const beforeAdopt = () => Promise.reject(new Error("the ledger is locked"));
  await expect(importOne({ onExisting: "adopt", beforeAdopt })).rejects.toThrow("the ledger is locked");
  expect(double.users.get(id)?.external_id).toBeNull();
});

test("an adoption without an answer is found later", async () => {
  const { double, id, adopt } = await setUpAdoption(VERIFIED);
  double.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: { kind: "status_after_effect", status: 502 },
  });
  expect(await adopt()).toMatchObject({ kind: "unknown", code: "http_502" });
  expect(await adopt(recordOf(), true)).toEqual({ kind: "already_there", destinationId: id });
});

test("an account removed before its adoption stays open", async () => {
  const { double, adopt } = await setUpAdoption(VERIFIED);
  double.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: { kind: "status", status: 404, body: { message: "User not found." } },
  });
  expect(await adopt()).toMatchObject({ kind: "unknown", code: "gone_meanwhile" });
});

test("a throttled adoption had no effect", async () => {
  const { double, id, adopt } = await setUpAdoption(VERIFIED);
  double.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: { kind: "status", status: 429, headers: { "retry-after": "3" }, body: { message: "slow" } },
  });
  expect(await adopt()).toEqual({ kind: "slow_down", retryAfterMs: 3_000 });
  expect(double.users.get(id)?.external_id).toBeNull();
});
