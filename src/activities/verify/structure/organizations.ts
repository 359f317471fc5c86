import type { FoundOrganization } from "../../../destinations/structure.ts";
import type { PoolGroup } from "../../../domain/pool.ts";
import type { OrganizationDetails } from "../../../ledger/standing-structure.ts";
import { organizationOfGroup, organizationRecord } from "../../../plan/organizations.ts";
import type { Verifying } from "../verifying.ts";
import type { Compared, Known } from "./compared.ts";
import { asPlanned, tellFields, withinWritten } from "./tell-fields.ts";

/**
 * Of this pool is what carries the external id of an organization of the plan, or of one of the pool's groups that is an
 * organization by the file: values of attributes are only known of those whom the plan brings along.
 */
export function organizations(
  { destination, file }: Pick<Verifying, "destination" | "file">,
  groups: readonly Pick<PoolGroup, "name">[],
): Compared<FoundOrganization> {
  const rule = file.organizations;
  const named = Map.groupBy(Object.keys(rule.named), (key) => organizationRecord(rule, key).externalId);
  const ofGroups = groups.flatMap(({ name }) => organizationOfGroup(rule, name) ?? []);
  const externalIds = new Set(ofGroups.map((key) => organizationRecord(rule, key).externalId));
  return {
    kind: "organization",
    rows: "organizations",
    holdings: destination.organizations.holdings,
    keysOf({ externalId }) {
      if (externalId === null) return [];
      const given = named.get(externalId) ?? [];
      // One that stands since before the file named it has its key for external id.
      return given.includes(externalId) ? given : [...given, externalId];
    },
    carriesKeyOf: ({ externalId }, known) => externalId !== null && externalIdsOf(known).includes(externalId),
    // Most of the pool is none of a pilot's business yet.
    isOfPool: ({ externalId }) =>
      file.only === undefined && externalId !== null && externalIds.has(externalId),
    mayHaveTwins: false,
    tell(found, written, told) {
      const { name, externalId } = found;
      const { kind, key } = written.placed;
      if (!externalIdsOf(written).includes(externalId)) told.row(kind, key, "differs", "external_id");
      const there = new Set(found.verifiedDomains.map((domain) => domain.toLowerCase()));
      const standing = {
        name: asPlanned(name, written.planned.name),
        ...withinWritten("verifiedDomains", written, (domain) => there.has(domain.toLowerCase())),
      };
      tellFields("organization", written, standing, told);
    },
    detailsOf: ({ externalId }): OrganizationDetails => ({ externalId: externalId ?? "" }),
    whenGone: "stands",
  };
}

/** That it was made or found under, and that it is to have by now. */
function externalIdsOf({ placed, planned }: Known): unknown[] {
  const details = placed?.details ?? null;
  if (details === null) return [planned.externalId];
  // Written with OrganizationDetails only.
  return [(JSON.parse(details) as OrganizationDetails).externalId, planned.externalId];
}
