import type { PlannedUser } from "../ledger/plan.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { BridgeDeps } from "./deps.ts";
import { type Placement, place } from "./place.ts";
import type { Proven } from "./place-now.ts";

/** What the rules say of whoever most likely types an address, asked while Cognito looks at the password. */
export interface PlacedAhead {
  /** Null for anybody else. */
  of(person: Proven): Promise<Placement> | null;
}

const NOBODY: PlacedAhead = { of: () => null };

/**
 * Of an address with one person whose address it is, everybody who comes in is that one: nobody waits for the ledger after
 * Cognito's answer. Nothing of it is used for whoever proves to be somebody else.
 */
export function placeAhead(
  { ledger, destination }: Pick<BridgeDeps, "ledger" | "destination">,
  migration: MigrationRow,
  email: string,
  cluster: readonly PlannedUser[],
): PlacedAhead {
  const [only, ...others] = cluster.filter((user) => user.email === email && user.email_verified === 1);
  if (only === undefined || others.length > 0) return NOBODY;
  const { sub } = only;
  // Attributes are the snapshot's for whomever it lists.
  const placed = place(ledger, destination, migration, { sub, email, emailVerified: true, attributes: {} });
  // Whoever is refused asks no more.
  placed.catch(() => undefined);
  return { of: (person) => (person.sub === sub && person.emailVerified ? placed : null) };
}
