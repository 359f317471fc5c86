import type { UserOutcome } from "../../src/ledger/outcomes.ts";
import type { Pool } from "../../test/doubles/pool/pool.ts";
import type { WorkosState } from "./workos-side.ts";

/** What a member is who is in no group that ranks. */
const PLAIN_MEMBER = "member";

/**
 * Everyone who came in, by an account of their own or merged into another, belongs to the organizations of their
 * tenants and to no other, with the role of their foremost group. Returns what is wrong, a sentence each.
 */
export function auditMemberships(
  pool: Pool,
  workos: WorkosState,
  outcomes: readonly UserOutcome[],
): string[] {
  const expected = expectedRoles(pool, outcomes);
  const tenants = new Map(workos.organizations.map(({ id, external_id }) => [id, external_id ?? id]));
  const actual = Map.groupBy(workos.memberships, ({ user_id, organization_id }) =>
    placeOf(user_id, tenants.get(organization_id) ?? organization_id),
  );
  const wrong: string[] = [];
  for (const [place, role] of expected) {
    const [own, ...more] = actual.get(place) ?? [];
    if (own === undefined || more.length > 0)
      wrong.push(`${place}: ${own === undefined ? "no membership" : `${more.length + 1} memberships`}`);
    else if (own.status !== "active") wrong.push(`${place}: the membership is ${own.status}`);
    else if (own.roles.map(({ slug }) => slug).join(" ") !== role) wrong.push(`${place}: not as ${role}`);
  }
  for (const place of actual.keys())
    if (!expected.has(place)) wrong.push(`${place}: a membership that nobody should have`);
  return wrong;
}

function placeOf(accountId: string, tenant: string): string {
  return `${accountId} in ${tenant}`;
}

/** The role by place. Accounts that became one share the groups that they have in one tenant. */
function expectedRoles(pool: Pool, outcomes: readonly UserOutcome[]): Map<string, string> {
  const users = new Map(pool.users.map((user) => [user.sub, user]));
  const ranked = rankedGroups(pool);
  const subsByPlace = new Map<string, string[]>();
  for (const { sub, outcome, destinationId } of outcomes) {
    const tenant = users.get(sub)?.attributes["custom:tenant"]?.trim();
    if (!tenant || destinationId === null || !(outcome === "imported" || outcome === "merged")) continue;
    const place = placeOf(destinationId, tenant);
    subsByPlace.set(place, [...(subsByPlace.get(place) ?? []), sub]);
  }
  const roleOf = (subs: readonly string[]) =>
    ranked.find(({ members }) => subs.some((sub) => members.has(sub)))?.name ?? PLAIN_MEMBER;
  return new Map([...subsByPlace].map(([place, subs]) => [place, roleOf(subs)]));
}

/** The lowest precedence first; Cognito's own groups have none. */
function rankedGroups({ groups }: Pool): { name: string; members: ReadonlySet<string> }[] {
  return groups
    .flatMap(({ name, precedence, members }) => (precedence === null ? [] : [{ name, precedence, members }]))
    .toSorted((a, b) => a.precedence - b.precedence)
    .map(({ name, members }) => ({ name, members: new Set(members) }));
}
