import type { SourceUser } from "../domain/pool.ts";
import type { SourceUserRow } from "../ledger/source-users.ts";
import type { NoResetReason } from "../plan/reset-policy.ts";
import { changedSince, rowOfStanding, type Standing, standingOf } from "../plan/still-as-planned.ts";

/** People about whom Cognito was asked now, by sub; null for somebody whom it has no more. */
export type Today = ReadonlyMap<string, SourceUser | null>;

export const NOBODY_ASKED: Today = new Map();

/** The same people with what Cognito says of them now, without those whom it has no more. */
export function asOfToday<T extends SourceUserRow>(users: readonly T[], today: Today): T[] {
  return users.flatMap((user) => {
    const now = today.get(user.sub);
    if (now === undefined) return [user];
    return now === null ? [] : [{ ...user, ...rowOfStanding(standingOf(now)) }];
  });
}

/** How Cognito differs now from what is known of somebody; null also for whoever was not asked about. */
export function changedToday(sub: string, known: Standing, today: Today): NoResetReason | null {
  const now = today.get(sub);
  return now === undefined ? null : changedSince(known, now === null ? null : standingOf(now));
}
