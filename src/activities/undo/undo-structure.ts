import { NOTHING } from "../../destinations/by-intent.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { Call, Outcome } from "../../destinations/sending.ts";
import type { FoundMember, MadeOrganization } from "../../destinations/structure.ts";
import type { OrganizationRecord } from "../../domain/records.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { placedAmong } from "../../ledger/placed.ts";
import { lastPlanned } from "../../ledger/planned-objects.ts";
import type { OrganizationDetails } from "../../ledger/standing-structure.ts";
import { takenBackAmong } from "../../ledger/taken-back.ts";
import { outcomeOf } from "../fan-out/outcome-of.ts";

const IN_USE: Outcome = { kind: "skipped", reason: "organization_in_use" };
const LOOK_AGAIN_MS = 10_000;

/** Organizations that were made, and that nobody uses: with one goes whatever belongs to it, whoever made that. */
export function undoStructure(
  ledger: Ledger,
  destination: Destination,
  migrationId: number,
): Work<MadeOrganization> {
  const { removals = NOTHING } = destination.organizations;
  const use = new Use(destination, (keys) => ledger.read((db) => takenBackAmong(db, migrationId, keys)));
  return {
    sender: removals,
    prepare: (items) => Promise.all(items.map(({ key }) => prepared(ledger, migrationId, use, key))),
  };
}

async function prepared(
  ledger: Ledger,
  migrationId: number,
  use: Use,
  key: string,
): Promise<Prepared<MadeOrganization>> {
  const organization = { kind: "organization", key } as const;
  const stands = (await ledger.read((db) => placedAmong(db, migrationId, "organization", [key]))).get(key);
  if (stands === undefined || stands.state === "removed")
    return { outcome: { kind: "skipped", reason: "removed_at_destination" } };
  const { destinationId, details } = stands;
  // Written with OrganizationDetails, or by the plan, only.
  const known = details ?? (await ledger.read((db) => lastPlanned(db, migrationId, organization)));
  const { externalId } = JSON.parse(known) as OrganizationDetails | OrganizationRecord;
  const endsOtherwise = (id: string, call: Call) => use.endsOtherwise(id, call);
  return { record: { destinationId, externalId, endsOtherwise }, fingerprint: "" };
}

/** Who uses an organization: lists show for a while what was removed a moment ago. */
class Use {
  readonly #destination: Destination;
  readonly #takenBack: (subs: readonly string[]) => Promise<Set<string>>;
  readonly #firstSeenMs = new Map<string, number>();

  constructor(destination: Destination, takenBack: (subs: readonly string[]) => Promise<Set<string>>) {
    this.#destination = destination;
    this.#takenBack = takenBack;
  }

  async endsOtherwise(id: string, call: Call): Promise<Outcome | null> {
    const { memberships, connections, facts } = this.#destination;
    await call.read();
    const members = await memberships.list(id, null);
    if (!members.ok) return outcomeOf(members);
    await call.read();
    const doors = await connections.list(id);
    if (!doors.ok) return outcomeOf(doors);
    const { members: listed, unreadable } = members.value;
    if (listed.length + unreadable.length + doors.value.length === 0) return null;
    if (await this.#hasOthers(listed)) return IN_USE;
    const firstSeenMs = this.#firstSeenMs.get(id) ?? call.nowMs();
    this.#firstSeenMs.set(id, firstSeenMs);
    const leftMs = firstSeenMs + facts.lookUpLagMs - call.nowMs();
    return leftMs <= 0 ? IN_USE : { kind: "too_early", retryAfterMs: Math.min(leftMs, LOOK_AGAIN_MS) };
  }

  /** Whether somebody is a member whose account was not taken back; of those without a key nobody can tell. */
  async #hasOthers(members: readonly FoundMember[]): Promise<boolean> {
    const keys = members.flatMap(({ userExternalId }) => userExternalId ?? []);
    const takenBack = await this.#takenBack(keys);
    return keys.some((key) => !takenBack.has(key));
  }
}
