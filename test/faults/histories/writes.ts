import type { JournalEntry } from "../../doubles/shared/journal.ts";
import { areSame } from "./seen.ts";
import type { World } from "./world.ts";

/** What a run may write, by the model, and what it wrote, by the stand-in's journal; in the same words. */

export function mayWrite(before: World, after: World): Set<string> {
  const may = new Set<string>();
  const was = new Map(before.accounts.map((account) => [account.n, account]));
  for (const account of after.accounts) {
    const { n, key, members, mails } = account;
    const earlier = was.get(n);
    const name = earlier === undefined ? `new ${key}` : `${n}`;
    if (earlier === undefined) may.add(`make ${name}`);
    else if (!areSame(earlier.fields, account.fields) || earlier.key !== key) may.add(`change ${name}`);
    if (mails > (earlier?.mails ?? 0)) may.add(`mail ${name}`);
    for (const organization of new Set([...Object.keys(members), ...Object.keys(earlier?.members ?? {})])) {
      const [then, now] = [earlier?.members[organization], members[organization]];
      if (then === now) continue;
      if (then === undefined) may.add(`join ${name} ${organization}`);
      else if (now === undefined) may.add(`leave ${name} ${organization}`);
      // WorkOS gives its default role to a new membership alone.
      else if (now === "member")
        for (const step of ["leave", "join"]) may.add(`${step} ${name} ${organization}`);
      else may.add(`roles ${name} ${organization}`);
    }
  }
  const stands = new Set(after.accounts.map(({ n }) => n));
  for (const { n } of before.accounts) if (!stands.has(n)) may.add(`remove ${n}`);
  for (const name of after.organizations)
    if (!before.organizations.has(name)) may.add(`organization ${name}`);
  for (const name of before.organizations)
    if (!after.organizations.has(name)) may.add(`no organization ${name}`);
  return may;
}

/**
 * A membership that a run made unheard before it was cut off may be of an older plan: where the default role is wanted, it
 * is made anew, as nobody here knows which role that is.
 */
export function madeAnew({ accounts }: World): string[] {
  return accounts.flatMap(({ n, members }) =>
    Object.entries(members)
      .filter(([, roles]) => roles === "member")
      .flatMap(([organization]) => [`leave ${n} ${organization}`, `join ${n} ${organization}`]),
  );
}

/** What the stand-in's ids stand for, also those of what is gone since. */
export interface Names {
  /** By id, and by address. */
  accounts: Map<string, string>;
  organizations: Map<string, string>;
  /** `<account> <organization>` by id. */
  memberships: Map<string, string>;
}

/** Calls that took effect, or may have. */
export function written(entries: readonly JournalEntry[], names: Names): string[] {
  return entries
    .filter(({ status }) => status === null || status < 300)
    .flatMap(({ operation, path, key = "" }) => {
      const id = path.split("/").at(-1) ?? "";
      const account = (one: string) => names.accounts.get(one) ?? one;
      switch (operation) {
        case "createUser":
          return `make new ${key}`;
        case "updateUser":
          return `change ${account(id)}`;
        case "deleteUser":
          return `remove ${account(id)}`;
        case "createPasswordReset":
          return `mail ${account(key)}`;
        case "createMembership": {
          const [user = "", organization = ""] = key.split(" ");
          return `join ${account(user)} ${names.organizations.get(organization)}`;
        }
        case "updateMembership":
          return `roles ${names.memberships.get(id)}`;
        case "deleteMembership":
          return `leave ${names.memberships.get(id)}`;
        case "createOrganization":
          return `organization ${key}`;
        case "deleteOrganization":
          return `no organization ${names.organizations.get(id)}`;
        default:
          return /^(create|update|delete|set|add)/.test(operation) ? operation : [];
      }
    });
}
