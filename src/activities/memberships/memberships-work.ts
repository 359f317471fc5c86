import { byIntent, type Intended, NOTHING } from "../../destinations/by-intent.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { Sender } from "../../destinations/sending.ts";
import type { MadeMembership, MembershipChange } from "../../destinations/structure.ts";
import type { Migration } from "../../domain/migration.ts";
import type { PlannedMembership } from "../../domain/records.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Db, Ledger } from "../../ledger/ledger.ts";
import { type Placed, placedAmong, standingIds } from "../../ledger/placed.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import { type ItemStanding, itemsAmong } from "../../ledger/queue-questions.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { membershipOf } from "../../plan/keys.ts";
import { writtenRoles } from "../../plan/written-roles.ts";
import { lookAgain } from "../fan-out/look-again.ts";
import { plannedRecord } from "../fan-out/planned-record.ts";
import { type PlacedMembership, untilMadeAnew } from "./made-anew.ts";

/** From claim to outcome. Whoever took longer, by a pause or an outage, is one of few, and looked up. */
const MADE_WITHIN_MS = 60 * 60_000;

type MembershipWork = Intended<{
  create: PlacedMembership;
  update: MembershipChange;
  remove: MadeMembership;
}>;

/** What is known of those that items are about. */
interface Standing {
  users: ReadonlyMap<string, Placed>;
  imports: ReadonlyMap<string, ItemStanding>;
  organizations: ReadonlyMap<string, string>;
  memberships: ReadonlyMap<string, Placed>;
}

/** One membership for each person and organization: made, given other roles, or removed. */
export function membershipsWork(
  ledger: Ledger,
  destination: Destination,
  run: RunOfMigration,
  file: Migration,
): Work<MembershipWork> {
  const { migrationId } = run;
  const { updates = NOTHING, removals = NOTHING } = destination.memberships;
  const create = untilMadeAnew(destination.memberships, (organization, beforeEach) =>
    lookAgain({ ledger, destination, migrationId }, organization, beforeEach),
  );
  return {
    sender: byIntent({ create, update: updates, remove: forgettingGone(removals) }),
    async prepare(items) {
      const standing = await ledger.read((db) => standingOf(db, run, items));
      return items.map((item) => prepared(item, standing, file));
    },
  };
}

async function standingOf(db: Db, run: RunOfMigration, items: readonly ClaimedItem[]): Promise<Standing> {
  const { migrationId } = run;
  const subs = items.map(({ key }) => membershipOf(key).sub);
  const organizations = items.map(({ key }) => membershipOf(key).organization);
  // Of what was never tried nothing stands.
  const known = items.filter(({ intent, inDoubt }) => intent !== "create" || inDoubt);
  const keys = known.map(({ key }) => key);
  return {
    users: await placedAmong(db, migrationId, "user", subs),
    imports: await itemsAmong(db, run, "users", "user", subs),
    organizations: await standingIds(db, migrationId, "organization", organizations),
    memberships: await placedAmong(db, migrationId, "membership", keys),
  };
}

/** Whoever is to have it again gets it, though somebody else had removed it before this run did. */
function forgettingGone<Record>(removals: Sender<Record>): Sender<Record> {
  return {
    ...removals,
    async send(items, call) {
      const outcomes = await removals.send(items, call);
      return outcomes.map((outcome) =>
        outcome.kind === "skipped" && outcome.reason === "removed_at_destination"
          ? { kind: "removed" }
          : outcome,
      );
    },
  };
}

function prepared(item: ClaimedItem, standing: Standing, file: Migration): Prepared<MembershipWork> {
  const { sub, organization } = membershipOf(item.key);
  const user = standing.users.get(sub);
  const organizationId = standing.organizations.get(organization);
  if (user?.state !== "standing" || user.destinationId === null) return skipped("user_not_imported");
  if (organizationId === undefined) return skipped("organization_missing");
  const ids = { userId: user.destinationId, organizationId };
  const placed = standing.memberships.get(item.key);
  if (item.intent === "create") {
    const { record, fingerprint } = plannedRecord<PlannedMembership>(item);
    const { roles } = record;
    // Whoever was there before may have a membership that was taken away: a create would bring it back.
    const mayExist = !isNew(user, standing.imports.get(sub));
    const earlier = placed?.state === "in_doubt" ? { earlier: writtenRoles(placed) } : {};
    return {
      record: { intent: "create", record: { ...ids, organization, roles, ...earlier } },
      fingerprint,
      mayExist,
    };
  }
  if (placed === undefined || placed.state === "removed") return skipped("removed_at_destination");
  const { destinationId } = placed;
  if (item.intent === "remove")
    return { record: { intent: "remove", record: { ...ids, destinationId } }, fingerprint: "" };
  if (destinationId === null) return skipped("removed_at_destination");
  const { record, fingerprint: planned } = plannedRecord<PlannedMembership>(item);
  const change: MembershipChange = {
    ...ids,
    destinationId,
    roles: record.roles,
    planned,
    ...writtenRoles(placed),
    changedThere: file.users.changedThere,
  };
  return { record: { intent: "update", record: change }, fingerprint: planned };
}

/**
 * Made by this run's own import, as its row tells by the time of its first claim: the bridge may have made it weeks ago.
 * So may a create whose doubt lasted.
 */
function isNew({ how, firstClaimedAtMs, writtenAtMs }: Placed, ownImport: ItemStanding | undefined): boolean {
  const isOwn = how === "created" && ownImport?.firstClaimedAtMs === firstClaimedAtMs;
  return isOwn && writtenAtMs !== null && writtenAtMs - firstClaimedAtMs < MADE_WITHIN_MS;
}

function skipped(
  reason: "user_not_imported" | "organization_missing" | "removed_at_destination",
): Prepared<MembershipWork> {
  return { outcome: { kind: "skipped", reason } };
}
