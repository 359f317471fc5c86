import fc from "fast-check";
import { expect, test } from "vitest";
import type { Migration } from "../../src/domain/migration.ts";
import {
  isUndecided,
  type NoResetReason,
  noResetReason,
  type ResetCandidate,
} from "../../src/plan/reset-policy.ts";
import { parseFile } from "../domain/parse-file.ts";

type Policy = Migration["passwordResets"];

/** What a file that says only this comes to. */
function policyOf(passwordResets: object = {}): Policy {
  const parsed = parseFile({
    source: { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" },
    destination: { kind: "workos" },
    passwordResets,
  });
  if (!parsed.ok) throw new Error(parsed.sentence);
  return parsed.value.passwordResets;
}

const ADA: ResetCandidate = {
  status: "CONFIRMED",
  enabled: true,
  native: true,
  email: "ada@ours.example",
  emailVerified: true,
  how: "created",
};

const DOMAINS = ["ours.example", "sub.ours.example", "elsewhere.example"];
const IN_USE = ["CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"];
const STATUSES = [...IN_USE, "UNCONFIRMED", "EXTERNAL_PROVIDER", "ARCHIVED", "COMPROMISED", "UNKNOWN", "NEW"];

const anyone: fc.Arbitrary<ResetCandidate> = fc.record({
  status: fc.constantFrom(...STATUSES),
  enabled: fc.boolean(),
  native: fc.boolean(),
  email: fc.option(fc.constantFrom(...DOMAINS).map((domain) => `ada@${domain}`)),
  emailVerified: fc.boolean(),
  how: fc.option(fc.constantFrom("created", "adopted", "already_there")),
});

const anyPolicy: fc.Arbitrary<Policy> = fc
  .record(
    {
      send: fc.boolean(),
      unverified: fc.constantFrom("undecided", "skip", "send"),
      alreadyThere: fc.constantFrom("skip", "send"),
      acceptMfaLoss: fc.boolean(),
      onlyDomains: fc.subarray(DOMAINS, { minLength: 1 }),
    },
    { requiredKeys: [] },
  )
  .map(policyOf);

/** Checks what holds for every person and every policy. */
function always(check: (reason: NoResetReason | null, person: ResetCandidate, policy: Policy) => void): void {
  fc.assert(
    fc.property(anyone, anyPolicy, (person, policy) => check(noResetReason(person, policy), person, policy)),
    { numRuns: 2_000 },
  );
}

/** What somebody lacks for a mail, by the file's own words. */
function lacks({ native, enabled, status, emailVerified, how, email }: ResetCandidate, policy: Policy) {
  const { unverified, alreadyThere, onlyDomains } = policy;
  const mayBeUnverified = unverified === "send" && status === "CONFIRMED";
  const isOfDomain = onlyDomains?.some((domain) => email?.endsWith(`@${domain}`)) ?? true;
  const lacking: Partial<Record<NoResetReason, boolean>> = {
    federated: !native,
    disabled: !enabled,
    not_confirmed: !IN_USE.includes(status),
    unverified: !emailVerified && !mayBeUnverified,
    already_there: how !== "created" && alreadyThere !== "send",
    other_domain: !isOfDomain,
  };
  return Object.entries(lacking).flatMap(([reason, isLacking]) => (isLacking ? [reason] : []));
}

test("nobody is mailed who must not be", () => {
  always((reason, person, policy) => {
    if (reason !== null) return;
    expect(person).toMatchObject({ native: true, enabled: true });
    expect(IN_USE).toContain(person.status);
    if (!person.emailVerified) expect([policy.unverified, person.status]).toEqual(["send", "CONFIRMED"]);
    if (policy.onlyDomains !== undefined) expect(policy.onlyDomains).toContain(person.email?.split("@")[1]);
  });
});

test("everybody else is mailed, and whoever is not lacks what the reason says", () => {
  always((reason, person, policy) => {
    const lacking = lacks(person, policy);
    if (reason === null) expect(lacking).toEqual([]);
    else expect(lacking).toContain(reason);
  });
});

test("whoever the file still has to choose for is not mailed", () => {
  always((reason, person, policy) => {
    if (isUndecided(person, policy)) expect(reason).toBe("unverified");
  });
});

test.each<{ change: Partial<ResetCandidate>; policy?: object; reason: NoResetReason | null }>([
  { change: {}, reason: null },
  { change: { native: false }, reason: "federated" },
  { change: { enabled: false }, reason: "disabled" },
  { change: { status: "UNCONFIRMED" }, reason: "not_confirmed" },
  { change: { status: "UNCONFIRMED" }, policy: { unverified: "send" }, reason: "not_confirmed" },
  { change: { emailVerified: false }, reason: "unverified" },
  { change: { emailVerified: false }, policy: { unverified: "send" }, reason: null },
  {
    change: { emailVerified: false, status: "FORCE_CHANGE_PASSWORD" },
    policy: { unverified: "send" },
    reason: "unverified",
  },
  { change: { how: "already_there" }, reason: "already_there" },
  { change: { how: "adopted" }, reason: "already_there" },
  { change: { how: "adopted" }, policy: { alreadyThere: "send" }, reason: null },
  { change: {}, policy: { onlyDomains: ["elsewhere.example"] }, reason: "other_domain" },
  {
    change: { email: "ada@sub.ours.example" },
    policy: { onlyDomains: ["ours.example"] },
    reason: "other_domain",
  },
  {
    change: { email: "ada@ours.example@elsewhere.example" },
    policy: { onlyDomains: ["ours.example"] },
    reason: "other_domain",
  },
  { change: { email: null }, policy: { onlyDomains: ["ours.example"] }, reason: "other_domain" },
])("$change with $policy is $reason", ({ change, policy, reason }) => {
  expect(noResetReason({ ...ADA, ...change }, policyOf(policy))).toBe(reason);
});

test.each<{ change: Partial<ResetCandidate>; unverified: string; undecided: boolean }>([
  { change: { emailVerified: false }, unverified: "undecided", undecided: true },
  { change: { emailVerified: false }, unverified: "skip", undecided: false },
  { change: { emailVerified: false }, unverified: "send", undecided: false },
  { change: {}, unverified: "undecided", undecided: false },
  { change: { emailVerified: false, native: false }, unverified: "undecided", undecided: false },
  { change: { emailVerified: false, enabled: false }, unverified: "undecided", undecided: false },
  { change: { emailVerified: false, status: "UNCONFIRMED" }, unverified: "undecided", undecided: false },
])(
  "$change with unverified $unverified leaves it to the file: $undecided",
  ({ change, unverified, undecided }) => {
    expect(isUndecided({ ...ADA, ...change }, policyOf({ unverified }))).toBe(undecided);
  },
);
