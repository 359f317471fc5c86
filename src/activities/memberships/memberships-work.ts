import type { Destination } from "../../destinations/destination.ts";
import type { MembershipRecord } from "../../destinations/structure.ts";
import { destinationIds, placedAt } from "../../ledger/entities.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { membershipsByKey } from "../../ledger/memberships.ts";
import { hashOf } from "../../plan/hash.ts";
import type { Work } from "../batch/work.ts";
import { organizationKey } from "../structure/structure-work.ts";

/** A look-up, a create and a look-up. */
const MAX_CALLS = 3;

type Payload =
  | { record: MembershipRecord; mayExist: boolean }
  | { missing: "user_not_imported" | "organization_missing" };

/** One membership for each person and organization. */
export function membershipsWork(
  ledger: Ledger,
  destination: Destination,
  migrationId: number,
): Work<Payload> {
  const loadAll = (keys: readonly string[]) =>
    ledger.read(async (db) => {
      const memberships = await membershipsByKey(db, migrationId, keys);
      const planned = [...memberships.values()];
      const subs = planned.map(({ sub }) => sub);
      const organizations = planned.map(({ organization }) => organizationKey(organization));
      return {
        memberships,
        users: await placedAt(db, migrationId, ["users"], subs),
        organizations: await destinationIds(db, migrationId, ["credentials", "structure"], organizations),
      };
    });

  return {
    concurrency: destination.concurrency,
    maxCallsPerItem: MAX_CALLS,
    async prepare(items) {
      const { memberships, users, organizations } = await loadAll(items.map(({ sub }) => sub));
      return items.map(({ sub: key }) => {
        const membership = memberships.get(key);
        if (membership === undefined) throw new Error("A work item of memberships has no membership.");
        const recordHash = hashOf(JSON.stringify(membership.roles));
        const user = users.get(membership.sub);
        const organizationId = organizations.get(organizationKey(membership.organization));
        if (user === undefined) return { payload: { missing: "user_not_imported" }, recordHash };
        if (organizationId === undefined) return { payload: { missing: "organization_missing" }, recordHash };
        const record = { userId: user.destinationId, organizationId, roles: membership.roles };
        return { payload: { record, mayExist: !user.isNew }, recordHash };
      });
    },
    async send({ payload }, attempt) {
      if ("missing" in payload) return { kind: "skipped", reason: payload.missing };
      // Whoever was there before may have a membership that was taken away: a create would bring it back.
      const inDoubt = attempt.inDoubt || payload.mayExist;
      return destination.structure.membership(payload.record, { ...attempt, inDoubt });
    },
  };
}
