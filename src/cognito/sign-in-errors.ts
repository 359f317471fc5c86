import { problemOf } from "./errors.ts";
import type { PasswordVerdict } from "./sign-in.ts";

/**
 * What Cognito's refusals of a sign-in mean. One name stands for several of them, which only its message tells apart;
 * a message that is not known says nothing about the password.
 */

const MESSAGES: readonly [RegExp, PasswordVerdict][] = [
  [/^incorrect username or password/i, { kind: "wrong" }],
  [/^user is disabled/i, { kind: "disabled" }],
  [/^password attempts exceeded/i, { kind: "throttled" }],
  [/^temporary password has expired/i, { kind: "reset_required" }],
  // The pool's own rules against bots and compromised passwords ("Threat protection").
  [/^unable to login because of security reasons/i, { kind: "reset_required" }],
];

const NAMES: Readonly<Record<string, PasswordVerdict>> = {
  // Only where the client has PreventUserExistenceErrors off.
  UserNotFoundException: { kind: "wrong" },
  PasswordResetRequiredException: { kind: "reset_required" },
  UserNotConfirmedException: { kind: "unconfirmed" },
  // The pool's own pre-authentication trigger said no.
  UserLambdaValidationException: { kind: "disabled" },
};

export function verdictOfError(error: unknown): PasswordVerdict {
  if (error instanceof Error) {
    const named = Object.hasOwn(NAMES, error.name) ? NAMES[error.name] : undefined;
    if (named !== undefined) return named;
    if (error.name === "NotAuthorizedException")
      return (
        MESSAGES.find(([pattern]) => pattern.test(error.message))?.[1] ?? { kind: "outage", code: error.name }
      );
  }
  const problem = problemOf(error, false);
  if (problem.problem === "slow_down") return { kind: "throttled" };
  return { kind: "outage", code: "code" in problem ? problem.code : problem.problem };
}
