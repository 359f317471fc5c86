import { expect, test } from "vitest";
import { compare, findingsOf } from "../../src/activities/verify/compare.ts";
import { Told } from "../../src/activities/verify/told.ts";
import type { PlacedHow } from "../../src/domain/books.ts";
import type { DestinationUser } from "../../src/domain/records.ts";
import { Tally } from "../../src/engine/tally.ts";
import { recordFingerprint, toRecord } from "../../src/plan/record.ts";
import { fileOf } from "../plan/findings/set-ups.ts";

const FILE = fileOf({ attributes: { "custom:plan": "plan", "custom:seat": "seat" } });
const NAMELESS = { email: "ada@example.com", email_verified: "true", "custom:plan": "gold" };
const NAMED = { ...NAMELESS, given_name: "Ada", family_name: "Lovelace" };
const STANDING: DestinationUser = {
  id: "user_1",
  externalId: "ada",
  email: "ada@example.com",
  emailVerified: true,
  firstName: "A.",
  lastName: "L.",
  metadata: { plan: "gold", seat: "window" },
  createdAtMs: 0,
  changedAtMs: 0,
};

/** The fields that are told as different. */
function different(how: PlacedHow, attributes: Record<string, string>, found: Partial<DestinationUser> = {}) {
  const record = toRecord("ada", attributes, FILE.attributes);
  const placed = {
    kind: "user" as const,
    key: "ada",
    state: "standing" as const,
    destinationId: "user_1",
    how,
    fingerprint: how === "already_there" ? null : recordFingerprint(record),
    details: null,
    firstClaimedAtMs: 0,
    writtenAtMs: 0,
    seenGeneration: null,
  };
  const told = new Told(new Tally({}));
  const item = { sub: "ada", placed, isListed: true, attributes: JSON.stringify(attributes) };
  const comparing = { destination: { recordProblems: () => [] }, file: FILE };
  expect(compare(comparing, item, { ...STANDING, ...found }, told)).toBe(true);
  return findingsOf(told.tally, new Tally({})).map(({ code, subject }) => `${code} ${subject}`);
}

test.each(["adopted", "already_there"] as const)(
  "what Cognito does not have is not compared with what stood there before: %s",
  (how) => {
    expect(different(how, NAMELESS)).toEqual([]);
  },
);

test("a name that an account was made without is compared", () => {
  expect(different("created", NAMELESS)).toEqual([
    "differs_at_destination first_name",
    "differs_at_destination last_name",
  ]);
});

test.each(["created", "adopted", "already_there"] as const)("what Cognito has is compared: %s", (how) => {
  const changed = { email: "other@example.com", emailVerified: false, metadata: { plan: "silver" } };
  expect(different(how, NAMED, changed)).toEqual(
    ["email", "email_verified", "first_name", "last_name", "metadata.plan"].map(
      (field) => `differs_at_destination ${field}`,
    ),
  );
});
