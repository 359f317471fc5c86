import fc from "fast-check";
import { expect, test } from "vitest";
import type { DestinationUser, UserRecord } from "../../src/domain/records.ts";
import {
  changedFields,
  fingerprintOf,
  hasField,
  mayBeWritten,
  withEitherField,
  withFields,
} from "../../src/plan/fingerprint.ts";
import { recordFingerprint } from "../../src/plan/record.ts";
import { accountDifference, toWrite, type UserChange } from "../../src/plan/user-change.ts";

const RECORD: UserRecord = {
  externalId: "sub-1",
  email: "ada@example.com",
  emailVerified: true,
  firstName: "Ada",
  lastName: null,
  metadata: { plan: "free" },
};
const OTHER: UserRecord = {
  ...RECORD,
  email: "new@example.com",
  emailVerified: false,
  firstName: "Augusta",
  metadata: { seat: "2" },
};

const names = fc.constantFrom("email", "firstName", "metadata.a b", "metadata.c:d|e");
const fields = fc.dictionary(names, fc.option(fc.string(), { nil: null }), { noNullPrototype: true });

test("two fingerprints differ in the fields that differ, and a field that is absent is null", () => {
  fc.assert(
    fc.property(fields, fields, (one, other) => {
      const wanted = [...new Set([...Object.keys(one), ...Object.keys(other)])]
        .filter((name) => (one[name] ?? null) !== (other[name] ?? null))
        .sort();
      expect(changedFields(fingerprintOf(one), fingerprintOf(other))).toEqual(wanted);
    }),
  );
});

test("once its changed fields are written, a fingerprint is that of the plan, but for nulls", () => {
  fc.assert(
    fc.property(fields, fields, (one, other) => {
      const [before, planned] = [fingerprintOf(one), fingerprintOf(other)];
      const after = withFields(before, planned, changedFields(before, planned));
      expect(changedFields(after, planned)).toEqual([]);
      expect(withFields(null, planned, changedFields(null, planned))).toBe(planned);
    }),
  );
});

test("a field in doubt may be either value, and is like no plan", () => {
  fc.assert(
    fc.property(fields, fields, (one, other) => {
      const [before, planned] = [fingerprintOf(one), fingerprintOf(other)];
      const changed = changedFields(before, planned);
      const doubted = withEitherField(before, planned, changed);
      for (const name of changed) {
        expect(mayBeWritten(doubted, name, one[name] ?? null)).toBe(true);
        expect(mayBeWritten(doubted, name, other[name] ?? null)).toBe(true);
      }
      expect(changedFields(doubted, planned)).toEqual(changed);
      expect(changedFields(doubted, before)).toEqual(changed);
    }),
  );
});

test("a list counts as a set", () => {
  expect(fingerprintOf({ roles: ["b", "a"] })).toBe(fingerprintOf({ roles: ["a", "b"] }));
  expect(fingerprintOf({ roles: ["b", "a"] })).not.toBe(fingerprintOf({ roles: ["a"] }));
});

test("what nobody wrote is no value, not even null", () => {
  expect(hasField("", "email", null)).toBe(false);
  expect(mayBeWritten(null, "firstName", null)).toBe(false);
});

const made = (record: UserRecord) => ({ how: "created" as const, fingerprint: recordFingerprint(record) });

test("of another address a person decides, and nothing is said of either address being verified", () => {
  expect(accountDifference(made(RECORD), recordFingerprint(OTHER), false)).toEqual({
    fields: ["firstName", "metadata.plan", "metadata.seat"],
    hasOtherAddress: true,
  });
  expect(accountDifference(made(RECORD), recordFingerprint(OTHER), true)).toEqual({
    fields: ["email", "emailVerified", "firstName", "metadata.plan", "metadata.seat"],
    hasOtherAddress: false,
  });
});

test("whether the address of an account is verified changes with Cognito alone", () => {
  const unverified = recordFingerprint({ ...RECORD, emailVerified: false });
  expect(accountDifference(made(RECORD), unverified, false).fields).toEqual(["emailVerified"]);
  const adopted = { ...made(RECORD), how: "adopted" as const };
  expect(accountDifference(adopted, unverified, false).fields).toEqual([]);
  expect(accountDifference({ how: "already_there", fingerprint: null }, unverified, true).fields).toEqual([
    "firstName",
    "lastName",
    "metadata.plan",
  ]);
});

function standing(change: Partial<DestinationUser> = {}): DestinationUser {
  return { ...RECORD, id: "user_1", createdAtMs: 1, changedAtMs: 1, ...change };
}

function changeTo(user: UserRecord, change: Partial<UserChange> = {}): UserChange {
  const written = recordFingerprint(RECORD);
  const { fields } = accountDifference(
    { how: "created", fingerprint: written },
    recordFingerprint(user),
    false,
  );
  return {
    ...{ destinationId: "user_1", user, written, fields, changedThere: "keep", ourChangeMs: null },
    ...change,
  };
}

test("a field is written where the account holds what was written last", () => {
  const wanted = { ...RECORD, firstName: "Augusta", metadata: { plan: "paid" } };
  const change = changeTo(wanted);
  expect(toWrite(standing(), change)).toEqual({
    fields: ["firstName", "metadata.plan"],
    kept: [],
    fingerprint: recordFingerprint(wanted),
  });
  const touched = standing({ firstName: "Somebody's" });
  const kept = toWrite(touched, change);
  expect(kept).toMatchObject({ fields: ["metadata.plan"], kept: ["firstName"] });
  expect(changedFields(kept.fingerprint, recordFingerprint(wanted))).toEqual(["firstName"]);
  expect(toWrite(touched, { ...change, changedThere: "overwrite" }).fields).toEqual([
    "firstName",
    "metadata.plan",
  ]);
});

test("what stands as planned already is not written", () => {
  const wanted = { ...RECORD, firstName: "Augusta" };
  expect(toWrite(standing({ firstName: "Augusta" }), changeTo(wanted))).toEqual({
    fields: [],
    kept: [],
    fingerprint: recordFingerprint(wanted),
  });
});

test("an address that somebody changed there is not called verified", () => {
  const unverified = { ...RECORD, emailVerified: false };
  const change = changeTo(RECORD, {
    written: recordFingerprint(unverified),
    fields: ["emailVerified"],
    changedThere: "overwrite",
  });
  const moved = standing({ email: "stranger@example.com", emailVerified: false });
  expect(toWrite(moved, change)).toMatchObject({ fields: [], kept: ["emailVerified"] });
  expect(toWrite(standing({ emailVerified: false }), change).fields).toEqual(["emailVerified"]);
});

test("of an account that nobody here wrote nothing is changed, and what is as planned is known from then on", () => {
  const planned = recordFingerprint(RECORD);
  const change = changeTo(RECORD, { written: null, fields: changedFields(null, planned) });
  const { fields, kept, fingerprint } = toWrite(standing({ firstName: "Theirs" }), change);
  expect({ fields, kept }).toEqual({ fields: [], kept: ["firstName"] });
  expect(changedFields(fingerprint, planned)).toEqual(["firstName"]);
  expect(mayBeWritten(fingerprint, "firstName", "Theirs")).toBe(false);
});

test("of an account of ours that nothing is known of any more, what stands as planned is known again", () => {
  const forgotten = { how: "created", fingerprint: null } as const;
  const { fields, hasOtherAddress } = accountDifference(forgotten, recordFingerprint(RECORD), false);
  expect(hasOtherAddress).toBe(false);
  const change = changeTo(RECORD, { written: null, fields, isMadeHere: true });
  expect(toWrite(standing(), change)).toEqual({
    ...{ fields: [], kept: [] },
    fingerprint: recordFingerprint(RECORD),
  });
  // What is otherwise may be anybody's change: it is left alone, and an address waits for a person.
  const readdressed = standing({ email: "else@example.com", firstName: "Somebody's" });
  const { fields: written, kept, fingerprint } = toWrite(readdressed, change);
  expect({ written, kept }).toEqual({ written: [], kept: ["firstName"] });
  expect(accountDifference({ how: "created", fingerprint }, recordFingerprint(RECORD), false)).toMatchObject({
    hasOtherAddress: true,
  });
  // One that was there before is not taken for ours by that.
  const theirs = toWrite(standing(), { ...change, isMadeHere: false });
  expect(changedFields(theirs.fingerprint, recordFingerprint(RECORD))).toContain("email");
});
