import type { UserOutcome } from "../../src/ledger/outcomes.ts";
import type { PoolUser } from "../../test/doubles/pool/pool.ts";
import type { Account, WorkosState } from "./workos-side.ts";

/** Looks at people on both sides; returns what is wrong, a sentence each. */
export function auditUsers(
  pool: readonly PoolUser[],
  workos: Pick<WorkosState, "users" | "createdByExternalId">,
  outcomes: readonly UserOutcome[],
): string[] {
  const accounts = Map.groupBy(workos.users, (account) => account.external_id ?? "");
  const bySub = Map.groupBy(outcomes, (outcome) => outcome.sub);
  const listed = pool.filter((user) => user.attributes.sub !== undefined);
  const wrong = listed.flatMap((user) => auditUser(user, bySub.get(user.sub) ?? [], accounts));
  const known = new Set(listed.map((user) => user.sub));
  for (const { sub } of outcomes)
    if (!known.has(sub)) wrong.push(`${sub} has an outcome and is not in the pool`);
  const imported = outcomes.filter((outcome) => outcome.outcome === "imported").length;
  if (workos.users.length !== imported)
    wrong.push(`WorkOS holds ${workos.users.length} accounts for ${imported} imported users`);
  return wrong;
}

function auditUser(
  user: PoolUser,
  outcomes: readonly UserOutcome[],
  accounts: ReadonlyMap<string, readonly Account[]>,
): string[] {
  const [outcome] = outcomes;
  if (outcome === undefined || outcomes.length > 1) return [`${user.sub} has ${outcomes.length} outcomes`];
  const own = accounts.get(user.sub) ?? [];
  const isIn = outcome.outcome === "imported" || outcome.outcome === "merged";
  if (isIn && !user.enabled) return [`${user.sub} is disabled and came in`];
  switch (outcome.outcome) {
    case "imported": {
      const [account] = own;
      if (account === undefined || own.length > 1)
        return [`${user.sub} is imported and has ${own.length} accounts`];
      if (account.id !== outcome.destinationId)
        return [`${user.sub} has another account than the ledger says`];
      return wrongFields(user, account).map((field) => `${user.sub} has a wrong ${field}`);
    }
    case "merged": {
      const target = accounts.get(outcome.mergedInto ?? "")?.[0];
      if (own.length > 0) return [`${user.sub} is merged and has an account of their own`];
      return target?.id === outcome.destinationId
        ? []
        : [`${user.sub} is merged into an account that is not there`];
    }
    case "open":
      return [`${user.sub} is not settled`];
    default:
      if (own.length > 0) return [`${user.sub} is ${outcome.outcome} and has an account`];
      return outcome.reason === null ? [`${user.sub} is ${outcome.outcome} without a reason`] : [];
  }
}

function wrongFields({ attributes }: PoolUser, account: Account): string[] {
  const wrong: string[] = [];
  if (account.email.toLowerCase() !== attributes.email?.trim().toLowerCase()) wrong.push("email");
  if (account.email_verified !== (attributes.email_verified === "true")) wrong.push("email_verified");
  const [given, family] = [attributes.given_name?.trim(), attributes.family_name?.trim()];
  if (given && account.first_name !== given) wrong.push("first_name");
  if (family && account.last_name !== family) wrong.push("last_name");
  for (const [attribute, key] of [
    ["custom:plan", "plan"],
    ["locale", "locale"],
  ] as const)
    if (account.metadata[key] !== takenValue(attributes[attribute])) wrong.push(`metadata.${key}`);
  return wrong;
}

/** WorkOS takes ASCII of up to 600 characters; the demo's migration file says to drop the rest. */
function takenValue(value: string | undefined): string | undefined {
  return value !== undefined && /^\p{ASCII}{1,600}$/u.test(value) ? value : undefined;
}
