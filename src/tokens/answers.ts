export type Issuer = "cognito" | "workos";
export type TokenUse = "access" | "id";

/** Claims as the token has them. Only what the verifier names has been checked: parse the others before use. */
export type Claims = Readonly<Record<string, unknown>>;

/** Why a token is refused, each with its meaning. */
export const REFUSALS = {
  malformed:
    "It is no signed JWT with kid, iss, sub and exp, has a time that is none, or is longer than 16,384 characters.",
  unknown_issuer: "Its issuer is none of those that are accepted.",
  wrong_algorithm: "It is not signed with RS256.",
  unknown_key: "The issuer lists no key with its kid.",
  bad_signature: "The issuer's key did not sign it.",
  expired: "It has expired.",
  not_yet_valid: "It is not valid yet.",
  wrong_audience: "It was issued to another client or for another audience.",
  wrong_use: "It is a token of another kind than those that are accepted, such as a logout token.",
  keys_unavailable:
    "The issuer's keys could not be had, or were asked for a moment ago. The token may be good: try again.",
} as const;

export type RefusalReason = keyof typeof REFUSALS;

export interface VerifiedToken {
  ok: true;
  issuer: Issuer;
  use: TokenUse;
  /** `sub` as the token has it. */
  subject: string;
  /**
   * The person's id at the destination. Null for a machine, whose `sub` is its client id, and for someone of Cognito
   * whom the id map does not know.
   */
  userId: string | null;
  claims: Claims;
}

export interface RefusedToken {
  ok: false;
  reason: RefusalReason;
}

export function refused(reason: RefusalReason): RefusedToken {
  return { ok: false, reason };
}
