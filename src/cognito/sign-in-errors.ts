import type { ClientFault } from "./app-client.ts";
import { problemOf } from "./errors.ts";
import { EndpointInClear } from "./in-clear.ts";
import type { PasswordVerdict } from "./sign-in.ts";

/**
 * What Cognito's refusals of a sign-in mean. One name stands for several of them, which only its sentence tells apart;
 * one that is not known says nothing about the password. AWS documents no sentences: these are in public reports.
 */

interface Rule {
  /** AWS's error names; any where there are none. */
  names: readonly string[];
  says: RegExp;
  means: PasswordVerdict;
}

const WRONG: PasswordVerdict = { kind: "wrong" };
const DISABLED: PasswordVerdict = { kind: "disabled" };
const RESET_REQUIRED: PasswordVerdict = { kind: "reset_required" };
const outage = (code: string): PasswordVerdict => ({ kind: "outage", code });
/** A set-up with which no sign-in can succeed. */
const unable = (code: ClientFault): PasswordVerdict => outage(code);

const ANY_NAME: readonly string[] = [];
const ANY_SENTENCE = /^/;
const NOT_AUTHORIZED = ["NotAuthorizedException"];
const NOT_FOUND = ["ResourceNotFoundException"];

/** The first that fits holds. */
const RULES: readonly Rule[] = [
  // Cognito asks the pool's triggers under several names. Whoever a migration trigger was asked about is not in the pool.
  { names: ANY_NAME, says: /^Exception migrating user in app client/i, means: WRONG },
  { names: ANY_NAME, says: /^UserMigration (invocation )?failed/i, means: WRONG },
  // A trigger that broke: the first is what Lambda itself says of it.
  {
    names: ANY_NAME,
    says: /^PreAuthentication (invocation failed|failed with error (RequestId: |.*\bTask timed out after ))/i,
    means: outage("pre_authentication_failed"),
  },
  { names: ANY_NAME, says: /^PreAuthentication failed/i, means: DISABLED },
  // After the right password; whether it broke or refused is not told.
  {
    names: ANY_NAME,
    says: /^PostAuthentication (invocation )?failed/i,
    means: outage("post_authentication_failed"),
  },
  {
    names: ANY_NAME,
    says: /^PreTokenGeneration (invocation )?failed/i,
    means: outage("pre_token_generation_failed"),
  },

  { names: NOT_AUTHORIZED, says: /^Incorrect username or password/i, means: WRONG },
  { names: NOT_AUTHORIZED, says: /^User is disabled/i, means: DISABLED },
  { names: NOT_AUTHORIZED, says: /^Password attempts exceeded/i, means: { kind: "locked_out" } },
  { names: NOT_AUTHORIZED, says: /^Temporary password has expired/i, means: RESET_REQUIRED },
  // The same in older words.
  { names: NOT_AUTHORIZED, says: /^User account has expired/i, means: RESET_REQUIRED },
  // The pool's own rules against bots and compromised passwords ("Threat protection").
  {
    names: NOT_AUTHORIZED,
    says: /^(Unable to login because of|Request not allowed due to) security reasons/i,
    means: RESET_REQUIRED,
  },
  { names: NOT_AUTHORIZED, says: /^Unable to verify secret hash/i, means: unable("client_secret_wrong") },
  {
    names: NOT_AUTHORIZED,
    says: /^Client \S+ is configured (with|for) secret but/i,
    means: unable("client_secret_missing"),
  },

  // Only where the client has PreventUserExistenceErrors off.
  { names: ["UserNotFoundException"], says: ANY_SENTENCE, means: WRONG },
  { names: ["PasswordResetRequiredException"], says: ANY_SENTENCE, means: RESET_REQUIRED },
  { names: ["UserNotConfirmedException"], says: ANY_SENTENCE, means: { kind: "unconfirmed" } },

  {
    names: ["InvalidParameterException"],
    says: /\bflow not enabled for this client/i,
    means: unable("flow_not_enabled"),
  },
  { names: NOT_FOUND, says: /^User pool client .* does not exist/i, means: unable("client_not_found") },
  { names: NOT_FOUND, says: /^User pool .* does not exist/i, means: unable("pool_not_found") },
];

export function verdictOfError(error: unknown): PasswordVerdict {
  if (error instanceof EndpointInClear) return unable("endpoint_in_clear");
  if (error instanceof Error) {
    if (isOfImpossibleName(error)) return WRONG;
    const rule = RULES.find(
      ({ names, says }) => (names.length === 0 || names.includes(error.name)) && says.test(error.message),
    );
    if (rule !== undefined) return rule.means;
  }
  const problem = problemOf(error, false);
  if (problem.problem === "slow_down") return { kind: "throttled" };
  return outage("code" in problem ? problem.code : problem.problem);
}

/** Members of a request that hold what somebody typed. */
const TYPED = ["username", "useralias", "password"];

/** What cannot be a name or a password in any pool is nobody's. A rule that another member breaks is a set-up's fault. */
function isOfImpossibleName({ name, message }: Error): boolean {
  if (name !== "InvalidParameterException") return false;
  const members = [...message.matchAll(/\bat '([\w.]+)' failed to satisfy constraint/gi)];
  return members.length > 0 && members.every(([, member = ""]) => TYPED.includes(member.toLowerCase()));
}
