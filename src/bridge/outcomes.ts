import type { Answer } from "../destinations/destination.ts";
import type { Fields, NextStep, SignInAnswer } from "../destinations/sign-in.ts";

/** How a sign-in ends. Everything but `signed_in` lets nobody in. */
export type SignInOutcome =
  /** `migrated`: with the password that Cognito knew, which the destination knows from now on; a next step's as well. */
  { kind: "signed_in"; session: Fields; migrated: boolean } | NotSignedIn;

export type NotSignedIn =
  /**
   * Unknown person, wrong password, one that was replaced since, and whatever else is said of somebody whose password
   * is not proven, for operators alone in `code`: nobody can tell them apart.
   */
  | { kind: "wrong"; code?: BeforeProof }
  /**
   * Right, and not enough; `fields` are the destination's, empty where Cognito asks for it. Of a factor that only Cognito
   * knows, `mayDropFactor` says whether a reset at the destination may take its place.
   */
  | { kind: NextStep; fields: Fields; mayDropFactor?: boolean; migrated?: boolean }
  /** Right, and Cognito wants another one. */
  | { kind: "reset_required" }
  /** Right, and too weak for the destination's rules. */
  | { kind: "password_reset_required" }
  /** Right, and the plan leaves this person out; `reason` is one of the plan's, or the destination's own word. */
  | { kind: "not_for_import"; reason: string }
  | { kind: "throttled"; retryAfterMs: number; isOverLimit?: true }
  /** Nothing is said about the password; `code` is a stable word for the log. */
  | { kind: "outage"; code: string };

/** What Cognito says without a look at the password, or without telling that it had one. */
export type BeforeProof = "disabled" | "reset_pending" | "unconfirmed" | "locked_out";

/** Nothing is said about the password. */
export type NoAnswer = Extract<NotSignedIn, { kind: "throttled" | "outage" }>;
export type Outage = Extract<NoAnswer, { kind: "outage" }>;

export const WRONG: NotSignedIn = { kind: "wrong" };

/** The password is Cognito's, and a newer one may stand at the destination. */
export const RESET_REQUIRED: NotSignedIn = { kind: "reset_required" };

/** Cognito does not say for how long. */
export const THROTTLED_BY_SOURCE: NoAnswer = { kind: "throttled", retryAfterMs: 1_000 };

/** Only addresses of plain ASCII are compared with others. Says nothing about who has it. */
export const ADDRESS_REFUSED: NotSignedIn = { kind: "not_for_import", reason: "email_refused" };

export function outage(code: string): Outage {
  return { kind: "outage", code };
}

/** None is in force: it was undone. */
export const UNDONE = outage("no_migration");

export function problemOf(answer: Exclude<Answer<unknown>, { ok: true }>): NoAnswer {
  if (answer.problem === "slow_down") return { kind: "throttled", retryAfterMs: answer.retryAfterMs };
  return outage(answer.code);
}

/** An answer of the destination other than "refused", which is not the end of it. */
export function outcomeOf(answer: SignInAnswer, migrated: boolean): SignInOutcome {
  switch (answer.kind) {
    case "signed_in":
      return { kind: "signed_in", session: answer.session, migrated };
    case "refused":
      return WRONG;
    case "next_step":
      return { kind: answer.step, fields: answer.fields, ...(migrated && { migrated }) };
    case "slow_down":
      return { kind: "throttled", retryAfterMs: answer.retryAfterMs };
    case "outage":
      return answer;
  }
}

/** What only somebody with the right password is told, or what tells nothing about anybody. */
export function isShownAtOnce({ kind }: { kind: string }): boolean {
  return kind !== "wrong" && kind !== "throttled" && kind !== "outage";
}
