import fc from "fast-check";
import type { MigrationFile } from "../../src/domain/migration.ts";
import type { Case, Person } from "./doors-model.ts";

const STATUSES = [
  ...Array<string>(9).fill("CONFIRMED"),
  "FORCE_CHANGE_PASSWORD",
  "RESET_REQUIRED",
  "UNCONFIRMED",
  "EXTERNAL_PROVIDER",
  "COMPROMISED",
  "ARCHIVED",
];
/** So that all of a person's many traits are usual ones often enough. */
const mostly = fc.nat({ max: 9 }).map((number) => number > 0);

const people: fc.Arbitrary<Person> = fc.record({
  status: fc.constantFrom(...STATUSES),
  enabled: mostly,
  verified: mostly,
  email: fc.constantFrom("ada@ours.example", "ada@elsewhere.example"),
});

/** What became of somebody since the snapshot; most stay as they are. */
const changes = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.record(
    { status: fc.constantFrom(...STATUSES), enabled: fc.boolean(), verified: fc.boolean() },
    { requiredKeys: [] },
  ),
  fc.constant({ email: "moved.on@ours.example" }),
  fc.constant(null),
);

const standing = fc.record({
  account: fc.option(
    fc.record({
      how: fc.constantFrom("created" as const, "adopted" as const),
      signedIn: fc.constantFrom(false, false, true),
      verified: mostly,
      /** Null where it has the one of the snapshot. */
      otherEmail: fc.constantFrom(null, null, null, "mistyped@ours.example", "mistyped@elsewhere.example"),
    }),
  ),
  removed: mostly.map((isThere) => !isThere),
});

function accountOf<A extends { otherEmail: string | null }>({ otherEmail, ...rest }: A, { email }: Person) {
  return { ...rest, email: otherEmail ?? email };
}

/** Random people, as they were, are, and stand, with random files. */
export const cases: fc.Arbitrary<Case> = fc
  .record({
    was: people,
    change: changes,
    isListed: mostly,
    standing,
    decided: fc.constantFrom(null, null, null, "skip" as const, "import" as const),
    poolHasFactors: fc.boolean(),
    file: fc.record({
      unverified: fc.constantFrom("undecided" as const, "skip" as const, "send" as const),
      alreadyThere: fc.constantFrom("skip" as const, "send" as const),
      acceptMfaLoss: fc.boolean(),
      onlyOurs: fc.boolean(),
      quarantined: fc.constantFrom("skip" as const, "import" as const),
      unconfirmed: fc.constantFrom("skip" as const, "import" as const),
    }),
  })
  .map(({ was, change, isListed, standing: { account, removed }, ...rest }) => ({
    ...rest,
    snapshot: isListed ? was : null,
    today: change === null ? null : { ...was, ...change },
    account: !removed && account !== null ? accountOf(account, was) : null,
    removed,
  }));

/** The migration file of a case; `sub` is the person's. */
export function partsOf({ file, decided }: Case, sub: string) {
  const { unverified, alreadyThere, acceptMfaLoss, onlyOurs, quarantined, unconfirmed } = file;
  const onlyDomains = onlyOurs ? { onlyDomains: ["ours.example"] } : {};
  return {
    passwordResets: { unverified, alreadyThere, acceptMfaLoss, ...onlyDomains },
    users: { quarantined, unconfirmed, decisions: decided === null ? {} : { [sub]: decided } },
  } satisfies Partial<MigrationFile>;
}
