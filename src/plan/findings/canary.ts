import { type Draft, finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { SourceUser } from "../../domain/pool.ts";
import { isFederatedOnly, isVerified, mayBeAddress, normalizeEmail } from "../normalize.ts";
import { type NoResetReason, noResetReason } from "../reset-policy.ts";

type Policy = Migration["passwordResets"];

/** Whom the file names to be mailed first; nobody where it mails nobody, or names a number. Pure. */
export function namedCanary({ send, canary }: Policy): readonly string[] {
  return send && typeof canary !== "number" ? canary : [];
}

/** Somebody whom the file names to be mailed first, as Cognito has them now; null where it lists nobody. */
export interface CanaryPerson {
  sub: string;
  user: SourceUser | null;
}

export type WhyUnmailed = NoResetReason | "not in the pool" | "merged into another account";

/** Whoever is known to get no mail before anybody was imported. `canary` holds those who were not mailed yet. Pure. */
export function canaryFindings(file: Migration, canary: readonly CanaryPerson[]): Draft[] {
  const reasons = new Map(canary.map(({ sub, user }) => [sub, reasonOf(user, file)]));
  return unmailedCanary(file, (sub) => reasons.get(sub) ?? null);
}

/** The finding about those who get no mail, each with the reason; `reasonOf` is null for whoever gets one. Pure. */
export function unmailedCanary(
  { passwordResets }: Migration,
  reasonOf: (sub: string) => WhyUnmailed | null,
): Draft[] {
  const unmailed = namedCanary(passwordResets).flatMap((sub, index) => {
    const reason = reasonOf(sub);
    const name = mayBeAddress(sub) ? null : sub;
    return reason === null ? [] : [{ position: index + 1, name, reason }];
  });
  return unmailed.length === 0 ? [] : [finding("canary_unmailed", { people: unmailed })];
}

function reasonOf(user: SourceUser | null, { passwordResets, users }: Migration): WhyUnmailed | null {
  if (user === null) return "not in the pool";
  const { sub, status, enabled, attributes } = user;
  const candidate = {
    status,
    enabled,
    native: !isFederatedOnly(status),
    email: normalizeEmail(attributes.email),
    emailVerified: isVerified(attributes.email_verified),
    how: "created",
  };
  const reason = noResetReason(candidate, passwordResets);
  return reason ?? (users.decisions[sub] === "skip" ? "left_out" : null);
}
