import fc from "fast-check";
import type { Migration } from "../../src/domain/migration.ts";
import type { Account, Policy } from "../../src/plan/decide.ts";
import { parseFile } from "../domain/parse-file.ts";

export const STATUSES = [
  "CONFIRMED",
  "UNCONFIRMED",
  "FORCE_CHANGE_PASSWORD",
  "RESET_REQUIRED",
  "EXTERNAL_PROVIDER",
  "ARCHIVED",
  "COMPROMISED",
  "UNKNOWN",
  "A_STATUS_OF_TOMORROW",
];

export const REFUSED_EMAIL = "refused@localhost";
export const NO_SUB = "nosub:0123456789abcdef";

/** A verified, enabled account that was never written. */
export function account(sub: string, change: Partial<Account> = {}): Account {
  return {
    sub,
    status: "CONFIRMED",
    enabled: true,
    native: true,
    email: "someone@example.com",
    emailVerified: true,
    createdAtMs: 1_000,
    written: false,
    ...change,
  };
}

export function policy(users: Partial<Migration["users"]> = {}): Policy {
  return { users: { ...defaultUsers(), ...users }, refusesEmail: (email) => email === REFUSED_EMAIL };
}

function defaultUsers(): Migration["users"] {
  const parsed = parseFile({
    source: { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" },
    destination: { kind: "workos" },
  });
  if (!parsed.ok) throw new Error(parsed.sentence);
  return parsed.value.users;
}

/** As `normalizeEmail` leaves them: none may be compared with another. */
export const ODD_ADDRESSES = [
  "\u212aim@example.com",
  "someone@exam\u0000ple.com",
  "some\ufffdone@example.com",
  "\ud800@example.com",
  "sömeone@example.com",
  "someone@example.com\u00a0",
  `${"a".repeat(2_036)}@example.com`,
];

const anyAccount: fc.Arbitrary<Account> = fc
  .record({
    sub: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", NO_SUB),
    status: fc.oneof(fc.constant("CONFIRMED"), fc.constantFrom(...STATUSES)),
    enabled: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, fc.constant(false)),
    // Linked accounts share a key, and may have another address or none.
    email: fc.oneof(
      { weight: 8, arbitrary: fc.constant("someone@example.com") },
      fc.constantFrom("other@example.com", REFUSED_EMAIL, null, ...ODD_ADDRESSES),
    ),
    emailVerified: fc.boolean(),
    createdAtMs: fc.integer({ min: 1, max: 3 }),
    written: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    standing: fc.constantFrom(undefined, "elsewhere" as const, "in_doubt" as const),
    removed: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  })
  .map(({ standing, removed, ...one }) => ({
    ...one,
    removed: removed && !one.written,
    ...(one.written && standing !== undefined ? { standing } : {}),
    native: one.status !== "EXTERNAL_PROVIDER",
    emailVerified: one.emailVerified && one.email !== null,
  }));

export const anyCluster = fc.uniqueArray(anyAccount, { selector: ({ sub }) => sub, maxLength: 6 });

const anyIdentities = fc.constantFrom([], [], ["one"], ["two"], ["one", "two"]);

/** Some of them are one person by an identity that they share. */
export const anyLinkedCluster = fc.uniqueArray(
  fc.tuple(anyAccount, anyIdentities).map(([account, identities]): Account => ({ ...account, identities })),
  { selector: ({ sub }) => sub, maxLength: 6 },
);

export const anyPolicy = fc
  .record({
    unconfirmed: fc.constantFrom("import" as const, "skip" as const),
    quarantined: fc.constantFrom("import" as const, "skip" as const),
    decisions: fc.dictionary(
      fc.constantFrom("a", "b", "c", "d", NO_SUB),
      fc.constantFrom("import" as const, "skip" as const),
      { maxKeys: 3 },
    ),
  })
  .map(policy);

export const shuffled = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length });
