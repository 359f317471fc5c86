import type { SourceUser } from "../domain/pool.ts";
import type { Db } from "../ledger/ledger.ts";
import type { Placed } from "../ledger/placed.ts";
import { type PlannedUser, withPlaced } from "../ledger/plan.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { rowOf, type SourceUserRow } from "../ledger/source-users.ts";
import { normalizeEmail } from "../plan/normalize.ts";
import type { NoResetReason } from "../plan/reset-policy.ts";
import { standsFor } from "../plan/stands-for.ts";
import { changedSince, rowOfStanding, type Standing, standingOf } from "../plan/still-as-planned.ts";

/** What Cognito says now. */
export interface Today {
  /** Whoever was asked about, by sub; null for somebody whom it has no more. */
  people: ReadonlyMap<string, SourceUser | null>;
  /** Addresses of which it was asked who has them: everybody who does is among the people. */
  addresses: ReadonlySet<string>;
}

export const NOBODY_ASKED: Today = { people: new Map(), addresses: new Set() };

/**
 * The same people with what Cognito says of them now, without those whom it has no more, and without those who left an
 * address that was asked about: it is somebody else's to have. Only an account that was given to them keeps them there.
 */
export function asOfToday<T extends SourceUserRow & { placed?: Placed | undefined }>(
  users: readonly T[],
  { people, addresses }: Today,
): T[] {
  return users.flatMap((user) => {
    const isAsked = addresses.has(user.email ?? "");
    const now = people.get(user.sub);
    if (now === undefined) return isAsked ? [] : [user];
    if (now === null) return [];
    const today = { ...user, ...rowOfStanding(standingOf(now)) };
    const hasLeft = isAsked && today.email !== user.email && !isGivenAccount(user);
    return hasLeft ? [] : [today];
  });
}

/** The same, and whoever has one of the addresses today and is not among them. */
export async function withNewcomers(
  db: Db,
  { id, generation }: Pick<MigrationRow, "id" | "generation">,
  { users, addresses }: { users: readonly PlannedUser[]; addresses: Iterable<string> },
  today: Today,
): Promise<PlannedUser[]> {
  const known = new Set(users.map(({ sub }) => sub));
  const asked = new Set([...addresses].filter((address) => today.addresses.has(address)));
  const came = [...today.people.values()].filter(
    (user) => user !== null && !known.has(user.sub) && asked.has(emailOf(user) ?? ""),
  );
  const rows = await withPlaced(
    db,
    id,
    came.flatMap((user) => (user === null ? [] : rowOf(id, generation, user))),
  );
  return [
    ...asOfToday(users, today),
    ...rows.map((row) => ({ ...row, identities: identitiesOf(row, today) })),
  ];
}

/** Somebody whom no snapshot lists, as Cognito has them now; null where it was not asked, or has nobody. */
export async function unlistedUser(
  db: Db,
  { id, generation }: Pick<MigrationRow, "id" | "generation">,
  sub: string,
  { people }: Today,
): Promise<PlannedUser | null> {
  const now = people.get(sub) ?? null;
  const rows = now === null ? [] : [rowOf(id, generation, now)];
  return (await withPlaced(db, id, rows))[0] ?? null;
}

/** How Cognito differs now from what is known of somebody; null also for whoever was not asked about. */
export function changedToday(sub: string, known: Standing, { people }: Today): NoResetReason | null {
  const now = people.get(sub);
  return now === undefined ? null : changedSince(known, now === null ? null : standingOf(now));
}

export function emailOf({ attributes }: SourceUser): string | null {
  return normalizeEmail(attributes.email);
}

/** Whether an account of the address that a snapshot has of them stands, or may. */
export function isGivenAccount(user: SourceUserRow & { placed?: Placed | undefined }): boolean {
  const { placed, email, email_verified } = user;
  if (email === null || (placed?.state !== "standing" && placed?.state !== "in_doubt")) return false;
  return standsFor({ emailVerified: email_verified === 1, fingerprint: placed.fingerprint }, email);
}

/** Each as one text, as the ledger has them of people of a snapshot. */
function identitiesOf({ sub }: PlannedUser, { people }: Today): string[] {
  const identities = people.get(sub)?.identities ?? [];
  return identities.map(({ provider, userId }) => JSON.stringify([provider, userId]));
}
