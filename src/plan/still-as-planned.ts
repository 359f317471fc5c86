import type { SourceUser } from "../domain/pool.ts";
import { isFederatedOnly, isVerified, normalizeEmail } from "./normalize.ts";
import type { NoResetReason, ResetCandidate } from "./reset-policy.ts";

/** What Cognito says of somebody, as far as their mail, their account and their way in depend on it. */
export type Standing = Pick<ResetCandidate, "status" | "enabled" | "native" | "email" | "emailVerified">;

/** Read as the snapshot reads them. */
export function standingOf({ status, enabled, attributes }: SourceUser): Standing {
  return {
    status,
    enabled,
    native: !isFederatedOnly(status),
    email: normalizeEmail(attributes.email),
    emailVerified: isVerified(attributes.email_verified),
  };
}

/** Of a row in which the snapshot keeps somebody. */
export function standingOfRow(row: StandingRow): Standing {
  const { status, email, enabled, native, email_verified } = row;
  return { status, email, enabled: enabled === 1, native: native === 1, emailVerified: email_verified === 1 };
}

export function rowOfStanding({ status, email, enabled, native, emailVerified }: Standing): StandingRow {
  return {
    status,
    email,
    enabled: enabled ? 1 : 0,
    native: native ? 1 : 0,
    email_verified: emailVerified ? 1 : 0,
  };
}

interface StandingRow {
  status: string;
  email: string | null;
  enabled: 0 | 1;
  native: 0 | 1;
  email_verified: 0 | 1;
}

const UNCONFIRMED = "UNCONFIRMED";

/**
 * Why nothing that was planned for somebody may be done now; null where Cognito says of them what it said at the plan.
 * Any difference counts, one for the better too: the next run judges them anew. `now` is null for somebody who is gone. Pure.
 */
export function changedSince(planned: Standing, now: Standing | null): NoResetReason | null {
  if (now === null) return "left_out";
  if (planned.enabled && !now.enabled) return "disabled";
  if (planned.native && !now.native) return "federated";
  // Somebody else may have the planned address by now.
  if (planned.email !== now.email) return "changed_in_cognito";
  if (planned.status !== now.status)
    return now.status === UNCONFIRMED ? "not_confirmed" : "changed_in_cognito";
  if (planned.emailVerified && !now.emailVerified) return "unverified";
  const isSame =
    planned.enabled === now.enabled &&
    planned.native === now.native &&
    planned.emailVerified === now.emailVerified;
  return isSame ? null : "changed_in_cognito";
}
