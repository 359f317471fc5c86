import type { WorkosDouble } from "../../doubles/workos/double.ts";
import type { WorkosUser } from "../../doubles/workos/user-store.ts";
import type { Account, Fields, World } from "./world.ts";

/** What the stand-in holds, in the model's words. */

export interface SeenAccount extends Omit<Account, "n"> {
  id: string;
}

export interface Seen {
  accounts: SeenAccount[];
  organizations: Set<string>;
}

export function seenAt(workos: WorkosDouble): Seen {
  const { users, organizations, memberships, resetMails } = workos.state();
  const names = new Map(organizations.map(({ id, external_id }) => [id, String(external_id)]));
  return {
    organizations: new Set(names.values()),
    accounts: users.map((user) => ({
      id: user.id,
      key: user.external_id,
      fields: fieldsOf(user),
      isSignedIn: user.last_sign_in_at !== null,
      members: Object.fromEntries(
        memberships
          .filter(({ user_id }) => user_id === user.id)
          .map(({ organization_id, roles }) => [
            names.get(organization_id) ?? organization_id,
            roles
              .map(({ slug }) => slug)
              .sort()
              .join(" "),
          ]),
      ),
      mails: resetMails[user.id] ?? 0,
    })),
  };
}

function fieldsOf({ email, email_verified, first_name, last_name, metadata }: WorkosUser): Fields {
  return {
    email,
    verified: email_verified,
    // WorkOS cannot clear a name: an empty one is none.
    first: first_name || null,
    last: last_name || null,
    ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value])),
  };
}

/** The same words for both, whatever ids and order. */
export function inWords({ accounts, organizations }: Seen | World) {
  return {
    organizations: [...organizations].sort(),
    accounts: accounts
      .map(({ key, fields, isSignedIn, members, mails }) => ({
        key,
        isSignedIn,
        members,
        mails,
        fields: plain(fields),
      }))
      .sort((a, b) => (String(a.fields.email) < String(b.fields.email) ? -1 : 1)),
  };
}

const plain = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

export const areSame = (one: Fields, other: Fields) => {
  const [a, b] = [plain(one), plain(other)];
  return (
    Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => a[name] === b[name])
  );
};
