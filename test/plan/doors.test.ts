import fc from "fast-check";
import { expect, test } from "vitest";
import type { Migration } from "../../src/domain/migration.ts";
import { type Account, type Decision, decideCluster } from "../../src/plan/decide.ts";
import { type KnownPerson, whyNoAccount, whyNoAskedMail } from "../../src/plan/doors.ts";
import { noResetReason } from "../../src/plan/reset-policy.ts";
import { changedSince, type Standing } from "../../src/plan/still-as-planned.ts";
import { parseFile } from "../domain/parse-file.ts";
import { cases, partsOf } from "./doors-cases.ts";
import {
  type Case,
  campaignMails,
  forgottenPasswordMails,
  isLetIn,
  knownOf,
  type Person,
} from "./doors-model.ts";

const SUB = "11111111-2222-4333-8444-555555555555";
const RUNS = 10_000;

function fileOf(one: Case): Migration {
  const source = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
  const parsed = parseFile({ source, destination: { kind: "workos" }, ...partsOf(one, SUB) });
  if (!parsed.ok) throw new Error(parsed.sentence);
  return parsed.value;
}

const standingOf = ({ status, enabled, verified, email }: Person): Standing => ({
  status,
  enabled,
  native: status !== "EXTERNAL_PROVIDER",
  email,
  emailVerified: verified,
});

function decisionOf(one: Case, person: Person, { users }: Migration): Decision {
  const account: Account = {
    sub: SUB,
    ...standingOf(person),
    createdAtMs: 1,
    written: one.account !== null,
    removed: one.removed,
  };
  const [decision] = decideCluster([account], { users, refusesEmail: () => false });
  if (decision === undefined) throw new Error("Nothing was decided.");
  return decision;
}

const changed = ({ snapshot, today }: Case) =>
  snapshot === null ? null : changedSince(standingOf(snapshot), today === null ? null : standingOf(today));

/** As the campaign asks: at the plan, and immediately before the mail, of Cognito and of the destination. */
function isMailed(one: Case, file: Migration): boolean {
  const { snapshot, account } = one;
  if (snapshot === null || account === null) return false;
  const isPlanned = decisionOf(one, snapshot, file).action === "create";
  const reason = noResetReason({ ...standingOf(snapshot), how: account.how }, file.passwordResets);
  return isPlanned && reason === null && changed(one) === null && account.email === snapshot.email;
}

function isMailedOnRequest(one: Case, file: Migration, owner: KnownPerson | null = null): boolean {
  const { account, removed } = one;
  const known = knownOf(one);
  if (known === null || removed) return false;
  const decision = decisionOf(one, known, file);
  if (account === null) {
    const why = whyNoAccount({ decision, isSelected: true, isRemoved: false });
    if (why !== null || !known.verified) return false;
  }
  const person = {
    ...standingOf(known),
    asked: (account ?? known).email,
    isLeftOut: one.decided === "skip",
    decision,
    owner,
    changed: changed(one),
    hasSignedIn: account?.signedIn ?? false,
    isVerifiedThere: account?.verified ?? false,
  };
  const policy = { resets: file.passwordResets, hasSecondFactors: one.poolHasFactors };
  return whyNoAskedMail(person, policy) === null;
}

/** Whom Cognito has let in, and whose account is the one of their address. */
function mayEnter(one: Case, today: Person, file: Migration): boolean {
  const decision = decisionOf(one, today, file);
  return whyNoAccount({ decision, isSelected: true, isRemoved: one.removed }) === null;
}

test("the campaign mails whom the documents say, and nobody else", () => {
  fc.assert(
    fc.property(cases, (one) => {
      expect(isMailed(one, fileOf(one))).toBe(campaignMails(one));
    }),
    { numRuns: RUNS },
  );
});

test("a forgotten password mails whom the documents say, and nobody else", () => {
  fc.assert(
    fc.property(cases, (one) => {
      expect(isMailedOnRequest(one, fileOf(one))).toBe(forgottenPasswordMails(one));
    }),
    { numRuns: RUNS },
  );
});

test("nobody is mailed to the account of somebody who is disabled, left out by name, or another one today", () => {
  fc.assert(
    fc.property(cases, cases, (one, other) => {
      const { snapshot, decided } = other;
      fc.pre(isMailedOnRequest(one, fileOf(one)) && changed(one) === null);
      if (snapshot === null) return;
      const isLeftOut = decided === "skip";
      const owner = { ...standingOf(snapshot), isLeftOut, changed: changed(other) };
      const isAsPlanned = owner.enabled && !owner.isLeftOut && owner.changed === null;
      expect(isMailedOnRequest(one, fileOf(one), owner)).toBe(isAsPlanned);
    }),
    { numRuns: RUNS },
  );
});

test("a right password lets in whom the documents say, and nobody else", () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { today, account } = one;
      const isCognitosToLetIn = today?.enabled && today.verified && today.status === "CONFIRMED";
      const isItsOwn =
        account === null || (account.verified && !account.signedIn && account.email === today?.email);
      fc.pre(isCognitosToLetIn === true && isItsOwn);
      expect(today !== null && mayEnter(one, today, fileOf(one))).toBe(isLetIn(one));
    }),
    { numRuns: RUNS },
  );
});
