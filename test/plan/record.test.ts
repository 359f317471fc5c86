import fc from "fast-check";
import { expect, test } from "vitest";
import { clusterKeyOf, isFederatedOnly, isVerified, normalizeEmail } from "../../src/plan/normalize.ts";
import { recordFingerprint, toRecord, withoutFields } from "../../src/plan/record.ts";
import { STATUSES, shuffled } from "./accounts.ts";

test.each([
  [undefined, null],
  ["", null],
  [" \t", null],
  [" Some.One@Example.COM ", "some.one@example.com"],
  ["\u000b\f Some@Example.com\r\n", "some@example.com"],
  ["ÄÖ@EXAMPLE.com", "ÄÖ@example.com"],
  ["\u00a0a@b.example", "\u00a0a@b.example"],
])("the address %j is read as %j", (email, expected) => {
  expect(normalizeEmail(email)).toBe(expected);
});

test("normalising an address twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (email) => {
      const once = normalizeEmail(email);
      expect(normalizeEmail(once ?? undefined)).toBe(once);
    }),
  );
});

test("only the word true is verified", () => {
  expect(["true", "false", "True", "TRUE", "1", "", undefined].filter(isVerified)).toEqual(["true"]);
});

test("only federated users have no password", () => {
  expect(STATUSES.filter(isFederatedOnly)).toEqual(["EXTERNAL_PROVIDER"]);
});

test("accounts without an address are alone", () => {
  expect(clusterKeyOf(null, "a")).toBe("sub:a");
  expect(clusterKeyOf("a@example.com", "a")).toBe("a@example.com");
});

test.each([
  [{ given_name: "Ada", family_name: "Lovelace", name: "Somebody Else" }, "Ada", "Lovelace"],
  [{ given_name: " Ada " }, "Ada", null],
  [{ family_name: "Lovelace", name: "Ada Lovelace" }, null, "Lovelace"],
  [{ name: "Ada Lovelace" }, "Ada", "Lovelace"],
  [{ name: "  Ada   King  Lovelace " }, "Ada King", "Lovelace"],
  [{ name: "Ada" }, "Ada", null],
  [{ given_name: "", family_name: " ", name: "Ada Lovelace" }, "Ada", "Lovelace"],
  [{ name: "  " }, null, null],
  [{}, null, null],
])("the names in %j are split", (attributes, firstName, lastName) => {
  expect(toRecord("a", attributes, {})).toMatchObject({ firstName, lastName });
});

test("a record holds what the mapping names", () => {
  const attributes = {
    email: " A@Example.com",
    email_verified: "true",
    "custom:plan": "gold",
    locale: "",
    zoneinfo: "Europe/Berlin",
  };
  const mapping = { "custom:plan": "plan", locale: "locale", "custom:absent": "absent" };
  expect(toRecord("a", attributes, mapping)).toEqual({
    externalId: "a",
    email: "a@example.com",
    emailVerified: true,
    firstName: null,
    lastName: null,
    metadata: { plan: "gold" },
  });
});

const anyRecord = fc.record({
  externalId: fc.string(),
  email: fc.string(),
  emailVerified: fc.boolean(),
  firstName: fc.option(fc.string()),
  lastName: fc.option(fc.string()),
  metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 }),
});

test("equal records have equal hashes, others different ones", () => {
  fc.assert(
    fc.property(anyRecord, anyRecord, (one, other) => {
      expect(recordFingerprint(one)).toBe(recordFingerprint({ ...one }));
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect(recordFingerprint(one) === recordFingerprint(other)).toBe(same);
    }),
  );
});

test("the order of metadata does not change the hash", () => {
  const mixed = anyRecord.chain((record) =>
    fc.tuple(fc.constant(record), shuffled(Object.entries(record.metadata))),
  );
  fc.assert(
    fc.property(mixed, ([record, entries]) => {
      expect(recordFingerprint({ ...record, metadata: Object.fromEntries(entries) })).toBe(
        recordFingerprint(record),
      );
    }),
  );
});

test("a changed field changes the hash", () => {
  const record = toRecord("a", { email: "a@example.com", given_name: "Ada", "custom:plan": "gold" }, {});
  const changes = [
    { email: "b@example.com" },
    { emailVerified: true },
    { firstName: null },
    { firstName: null, lastName: "Ada" },
    { metadata: { plan: "gold" } },
  ];
  const hashes = [record, ...changes.map((change) => ({ ...record, ...change }))].map(recordFingerprint);
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("refused values are left out, the rest stays", () => {
  const record = toRecord(
    "a",
    { given_name: "Ada", family_name: "King", x: "1", y: "2" },
    { x: "k", y: "l" },
  );
  expect(withoutFields(record, [])).toEqual(record);
  expect(withoutFields(record, ["lastName", "k"])).toEqual({
    ...record,
    lastName: null,
    metadata: { l: "2" },
  });
});
