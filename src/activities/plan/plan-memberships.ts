import type { PlannedMembership, PlannedObject } from "../../domain/records.ts";
import type { Tally } from "../../engine/tally.ts";
import type { Tx } from "../../ledger/ledger.ts";
import type { Placed } from "../../ledger/placed.ts";
import { plannedAmong } from "../../ledger/planned-objects.ts";
import { changedFields, fingerprintOf } from "../../plan/fingerprint.ts";
import { membershipKey } from "../../plan/keys.ts";
import { organizationJudge, organizationKeys, organizationRecord } from "../../plan/organizations.ts";
import { rolesOf } from "../../plan/roles.ts";
import type { GroupsBySub } from "./clusters.ts";
import { toDo } from "./counters-of-plan.ts";
import type { Decided } from "./decide-users.ts";
import { planObjects } from "./plan-objects.ts";
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
  groups: GroupsBySub,
  tally: Tally,
): Promise<void> {
  const { run, file } = planning;
  if (file.organizations.from === "none") return;
  const belonging = belongingOf(planning, decided, groups);
  const memberships = [...belonging].flatMap(([sub, organizations]) =>
    [...organizations].map(
      ([organization, own]): PlannedMembership => ({
        sub,
        organization,
        roles: rolesOf(file, planning.roles, own),
      }),
    ),
  );
  countPeople(planning, belonging, tally);
  // Whoever was removed at the destination comes to no organization: none is made for them.
  const removed = new Set(
    decided.filter(({ user }) => user.placed?.state === "removed").map(({ user }) => user.sub),
  );
  const coming = memberships.filter(({ sub }) => !removed.has(sub));
  const needed = new Set(coming.map(({ organization }) => organization));
  await planOrganizations(planning, tx, needed, tally);
  const objects = memberships.map((data) => ({
    kind: "membership" as const,
    key: membershipKey(data),
    data: { ...data },
  }));
  const isChanged = planning.destination.memberships.updates === undefined ? () => false : hasOtherRoles;
  const planned = await planObjects(tx, run, "memberships", objects, file.dryRun, isChanged);
  for (const { difference } of planned) tally.add(toDo("membership", difference.kind), 1);
}

/** What was there before is left as it is. */
function hasOtherRoles({ data }: PlannedObject, { how, fingerprint }: Placed): boolean {
  return how === "created" && changedFields(fingerprint, fingerprintOf(data)).includes("roles");
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
  const problemsOf = organizationJudge(file.organizations, destination);
  for (const [sub, organizations] of belonging) {
    if (organizations.size === 0) tally.addWithExample(WITHOUT_ORGANIZATION, sub, MAX_EXAMPLES);
    for (const key of organizations.keys())
      for (const problem of problemsOf(key))
        tally.addWithExample(`${ORGANIZATION_PREFIX}${problem}`, sub, MAX_EXAMPLES);
  }
}

/** Those that an earlier slice, or a provider, needs are planned already. */
async function planOrganizations(
  { run, file }: Planning,
  tx: Tx,
  keys: ReadonlySet<string>,
  tally: Tally,
): Promise<void> {
  const known = await plannedAmong(tx, run, "organization", [...keys]);
  const objects = [...keys]
    .filter((key) => !known.has(key))
    .map((key) => ({
      kind: "organization" as const,
      key,
      data: { ...organizationRecord(file.organizations, key) },
    }));
  const planned = await planObjects(tx, run, "structure", objects, file.dryRun);
  for (const { kind, difference } of planned) tally.add(toDo(kind, difference.kind), 1);
}
