import { expect } from "vitest";
import type { PoolGroup, PoolUser } from "../doubles/pool/pool.ts";
import { outcomes } from "./audit.ts";
import type { Stage } from "./stage.ts";

/**
 * Organizations from `custom:tenant`, one role of the group with the lowest precedence: checked against pool and
 * destination, without a rule of the product. `mergedInto` names the account that stands for a merged one.
 */
export function auditStructure({ workos, pool }: Stage, mergedInto: ReadonlyMap<string, string>): void {
  const state = workos.state();
  for (const made of [
    state.createdOrganizations,
    state.createdMemberships,
    state.createdRoles,
    state.createdApplications,
    state.createdConnections,
    state.createdByExternalId,
  ])
    expect(Object.entries(made).filter(([, times]) => times > 1)).toEqual([]);

  const organizations = new Map(state.organizations.map((one) => [one.id, one.external_id]));
  const found = state.memberships.map(({ user_id, organization_id, role }) => {
    const user = workos.users.get(user_id);
    return `${user?.external_id} ${organizations.get(organization_id)} ${role.slug}`;
  });
  expect(found.toSorted()).toEqual(expectedMemberships(pool.users, pool.groups, workos, mergedInto));
}

/** Which account stands for each merged one, as the ledger says; `auditRun` proves that it does. */
export async function mergedAccounts(stage: Stage): Promise<Map<string, string>> {
  const ended = await outcomes(stage);
  return new Map(
    [...ended.values()].flatMap(({ sub, mergedInto }) => (mergedInto === null ? [] : [[sub, mergedInto]])),
  );
}

function expectedMemberships(
  users: readonly PoolUser[],
  groups: readonly PoolGroup[],
  workos: Stage["workos"],
  mergedInto: ReadonlyMap<string, string>,
): string[] {
  const imported = new Set([...workos.users.values()].map((user) => user.external_id));
  const groupsOf = new Map<string, Set<string>>();
  for (const user of users) {
    const sub = mergedInto.get(user.sub) ?? user.sub;
    const tenant = user.attributes["custom:tenant"]?.trim();
    if (!imported.has(sub) || !tenant) continue;
    const key = `${sub} ${tenant}`;
    const own = groupsOf.get(key) ?? new Set();
    for (const { name, members } of groups) if (members.includes(user.sub)) own.add(name);
    groupsOf.set(key, own);
  }
  const isRole = ({ name }: PoolGroup) => ["admins", "editors", "nobody"].includes(name);
  const ranked = groups.filter(isRole).sort((a, b) => (a.precedence ?? 1e9) - (b.precedence ?? 1e9));
  return [...groupsOf]
    .map(([key, own]) => `${key} ${ranked.find(({ name }) => own.has(name))?.name ?? "member"}`)
    .sort();
}
