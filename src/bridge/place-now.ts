import type { ProvenPerson } from "../cognito/id-token.ts";
import type { Reason } from "../domain/outcomes.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NotSignedIn, outage } from "./outcomes.ts";
import { type Placement, place } from "./place.ts";
import { lookAtSource } from "./source-look.ts";
import { changedToday } from "./today.ts";

/** Somebody whom Cognito let in by the address that was typed, which is verified. */
export type Proven = ProvenPerson & { email: string };

export type Created = Extract<Placement, { kind: "create" }>;
export type PlacedNow = { ok: true; placed: Created } | { ok: false; outcome: NotSignedIn };

/** Reasons that others give, who may have left the address since the snapshot. */
const OTHERS_REASONS: ReadonlySet<Reason> = new Set([
  "merged_same_email",
  "unverified_duplicate",
  "decision_disabled_member",
  "decision_nobody_verified",
  "decision_too_many",
]);

/** Decides somebody as the snapshot has everybody; where others keep them out by it, with what Cognito has now. */
export async function placeAsListed(
  deps: BridgeDeps,
  migration: MigrationRow,
  person: Proven,
  ahead: Promise<Placement> | null = null,
): Promise<PlacedNow> {
  const placed = await (ahead ?? place(deps.ledger, deps.destination, migration, person));
  if (placed.kind === "create") return { ok: true, placed };
  if (OTHERS_REASONS.has(placed.reason)) return placeNow(deps, migration, person, placed);
  return { ok: false, outcome: { kind: "not_for_import", reason: placed.reason } };
}

/**
 * Decides somebody with everything that Cognito has now of them and of those they are decided
 * with: an account is about to be made.
 */
export async function placeNow(
  deps: BridgeDeps,
  migration: MigrationRow,
  person: Proven,
  { restsOn }: Pick<Placement, "restsOn">,
): Promise<PlacedNow> {
  const { sub, email, emailVerified } = person;
  const looked = await lookAtSource(deps, migration, restsOn, sub);
  if (!looked.ok) return looked;
  const { today } = looked;
  const user = today.people.get(sub) ?? null;
  const proven = { status: "CONFIRMED", enabled: true, native: true, email, emailVerified };
  // Cognito says two things at once: whoever comes again is looked at again.
  if (user === null || changedToday(sub, proven, today) !== null)
    return { ok: false, outcome: outage("changed_in_source") };
  const { attributes } = user;
  const placed = await place(deps.ledger, deps.destination, migration, { ...person, attributes }, today);
  return placed.kind === "create"
    ? { ok: true, placed }
    : { ok: false, outcome: { kind: "not_for_import", reason: placed.reason } };
}
