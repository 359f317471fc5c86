import { destinationIds } from "../../ledger/entities.ts";
import type { Tx } from "../../ledger/ledger.ts";
import {
  groupsOf,
  type Membership,
  membershipKey,
  staleMemberships,
  upsertMemberships,
} from "../../ledger/memberships.ts";
import { noteChanged, planItems, replanWorkItems, sentHashes } from "../../ledger/plan.ts";
import { hashOf } from "../../plan/hash.ts";
import { organizationKeys, organizationRecord } from "../../plan/organizations.ts";
import { rolesOf } from "../../plan/roles.ts";
import { organizationKey } from "../structure/structure-work.ts";
import type { Tally } from "../tally.ts";
import type { Decided } from "./decide-users.ts";
import { planEntities } from "./plan-entities.ts";
import type { Planning } from "./planning.ts";

const MAX_EXAMPLES = 2;
/** Counters of organizations that the destination would refuse: `organization:<problem>`, counted by person. */
export const ORGANIZATION_PREFIX = "organization:";
export const WITHOUT_ORGANIZATION = "without_organization";

/** Which groups stand behind each membership: person → organization → groups. */
type Belonging = Map<string, Map<string, Set<string>>>;

/** Memberships of the people in a slice, and the organizations that they need. */
export async function planMemberships(
  planning: Planning,
  tx: Tx,
  decided: readonly Decided[],
  tally: Tally,
): Promise<void> {
  const { run, file } = planning;
  if (file.organizations.from === "none") return;
  const groups = await groupsOf(
    tx,
    run.migrationId,
    decided.map(({ user }) => user.sub),
  );
  const belonging = belongingOf(planning, decided, groups);
  const memberships = [...belonging].flatMap(([sub, organizations]) =>
    [...organizations].map(
      ([organization, own]): Membership => ({
        sub,
        organization,
        roles: rolesOf(file, planning.roles, own),
      }),
    ),
  );
  countPeople(planning, belonging, tally);
  await planOrganizations(planning, tx, memberships);
  await writeMemberships(planning, tx, memberships, [...belonging.keys()]);
}

/** A merged account belongs where it belonged, as the person it is part of. */
function belongingOf(
  { file }: Planning,
  decided: readonly Decided[],
  groups: ReadonlyMap<string, readonly string[]>,
): Belonging {
  const belonging: Belonging = new Map();
  for (const { decision, user } of decided) {
    if (decision.action === "skip") continue;
    const person = decision.mergeInto ?? user.sub;
    const organizations = belonging.get(person) ?? new Map<string, Set<string>>();
    belonging.set(person, organizations);
    const own = groups.get(user.sub) ?? [];
    // Written by upsertSourceUsers only.
    const attributes = JSON.parse(user.attributes) as Record<string, string>;
    for (const key of organizationKeys(file.organizations, attributes, own))
      organizations.set(key, new Set([...(organizations.get(key) ?? []), ...own]));
  }
  return belonging;
}

function countPeople({ file, destination }: Planning, belonging: Belonging, tally: Tally): void {
  for (const [sub, organizations] of belonging) {
    if (organizations.size === 0) tally.addWithExample(WITHOUT_ORGANIZATION, sub, MAX_EXAMPLES);
    for (const key of organizations.keys()) {
      const record = organizationRecord(file.organizations, key);
      for (const problem of destination.structure.organizationProblems(record))
        tally.addWithExample(`${ORGANIZATION_PREFIX}${problem}`, sub, MAX_EXAMPLES);
    }
  }
}

/** Those that providers needed stand there already. */
async function planOrganizations(
  { run, file }: Planning,
  tx: Tx,
  memberships: readonly Membership[],
): Promise<void> {
  const { migrationId } = run;
  const keys = [...new Set(memberships.map(({ organization }) => organization))];
  const made = await destinationIds(tx, migrationId, ["credentials"], keys.map(organizationKey));
  const entities = keys
    .filter((key) => !made.has(organizationKey(key)))
    .map((key) => ({
      key: organizationKey(key),
      kind: "organization",
      data: organizationRecord(file.organizations, key),
    }));
  await planEntities(tx, migrationId, "structure", entities);
}

async function writeMemberships(
  { run }: Planning,
  tx: Tx,
  memberships: readonly Membership[],
  people: readonly string[],
): Promise<void> {
  const { migrationId, generation } = run;
  const fresh = new Set(await upsertMemberships(tx, migrationId, generation, memberships));
  const known = memberships.filter((membership) => !fresh.has(membershipKey(membership)));
  await planItems(tx, migrationId, "memberships", { fresh: [...fresh], known: known.map(membershipKey) });
  const sent = await sentHashes(tx, migrationId, "memberships", known.map(membershipKey));
  const changed = known.filter((membership) => {
    const hash = sent.get(membershipKey(membership));
    return hash !== undefined && hash !== hashOf(JSON.stringify(membership.roles));
  });
  await noteChanged(tx, migrationId, "memberships", changed.map(membershipKey));
  const stale = await staleMemberships(tx, migrationId, generation, people);
  await replanWorkItems(tx, migrationId, "memberships", stale, "skipped");
}
