import { removeUser } from "../../doubles/workos/removals.ts";
import type { WorkosUser } from "../../doubles/workos/user-store.ts";
import { isAdmin, isUnverified, row, type Scene, type Tampering } from "./scene.ts";

/** What somebody may do to accounts and memberships. */

function changed(
  name: string,
  field: string,
  change: (account: WorkosUser) => Partial<WorkosUser>,
  fits?: typeof isUnverified,
): Tampering {
  return {
    name,
    act(scene: Scene) {
      const { sub, account } = scene.somebody(fits);
      scene.workos.stores.users.change(account, change(account));
      return [row("user", sub, "differs", field)];
    },
  };
}

const ACCOUNTS: Tampering[] = [
  changed("another address", "email", () => ({ email: "somebody.else@example.com" })),
  changed("the verification taken away", "email_verified", () => ({ email_verified: false })),
  changed("another first name", "first_name", () => ({ first_name: "Changed" })),
  changed(
    "a verification that Cognito does not have",
    "email_verified",
    () => ({ email_verified: true }),
    isUnverified,
  ),
  changed("no first name", "first_name", () => ({ first_name: null })),
  changed("another last name", "last_name", () => ({ last_name: "Changed" })),
  changed("no last name", "last_name", () => ({ last_name: null })),
  changed("another value of the metadata", "metadata.plan", ({ metadata }) => ({
    metadata: { ...metadata, plan: "gold" },
  })),
  changed("a value of the metadata taken out", "metadata.plan", ({ metadata }) => ({
    metadata: { locale: metadata.locale ?? "" },
  })),
  changed("the key taken away", "external_id", () => ({ external_id: null })),
  changed("another key", "external_id", () => ({ external_id: "crm-4711" })),
  {
    name: "a key given to another account",
    act(scene) {
      const { sub, account } = scene.somebody();
      scene.workos.stores.users.change(account, { external_id: null });
      scene.workos.seed([{ email: "other.holder@example.com", external_id: sub }]);
      return [row("user", sub, "differs", "external_id")];
    },
  },
  {
    name: "the keys of two swapped",
    act(scene) {
      const [one, other] = [scene.somebody(), scene.somebody()];
      const { users } = scene.workos.stores;
      users.change(one.account, { external_id: null });
      users.change(other.account, { external_id: one.sub });
      users.change(one.account, { external_id: other.sub });
      return [one, other].map(({ sub }) => row("user", sub, "differs", "external_id"));
    },
  },
  {
    name: "a deleted account",
    act(scene) {
      const { sub, account, membershipKey } = scene.somebody();
      removeUser(scene.workos.stores, account);
      return [row("user", sub, "missing"), row("membership", membershipKey, "missing")];
    },
  },
  {
    name: "an account deleted and made anew with another name",
    act(scene) {
      const { sub, account, membershipKey } = scene.somebody();
      removeUser(scene.workos.stores, account);
      const { email, email_verified, last_name, metadata } = account;
      scene.workos.seed([
        { email, email_verified, last_name, metadata, first_name: "Anew", external_id: sub },
      ]);
      return [row("user", sub, "differs", "first_name"), row("membership", membershipKey, "missing")];
    },
  },
  {
    name: "an account with the sub of somebody who stays out",
    act(scene) {
      const sub = scene.pool.users.at(-1)?.sub ?? "";
      scene.workos.seed([{ email: "stays.out@example.com", external_id: sub }]);
      return [row("user", sub, "surplus")];
    },
  },
];

const roles = (...slugs: string[]) => ({
  role: { slug: slugs[0] ?? "" },
  roles: slugs.map((slug) => ({ slug })),
});

function membership(name: string, field: string, change: object, fits = isAdmin): Tampering {
  return {
    name,
    act(scene) {
      const { membership: own, membershipKey } = scene.somebody(fits);
      Object.assign(own, change);
      return [row("membership", membershipKey, "differs", field)];
    },
  };
}

const MEMBERSHIPS: Tampering[] = [
  membership("a role swapped for another one", "roles", roles("editors")),
  membership("a role too many", "roles", roles("admins", "editors")),
  membership("a membership turned off", "status", { status: "inactive" }),
  membership(
    "a role for somebody without one",
    "roles",
    roles("admins"),
    (user, pool) => !isAdmin(user, pool),
  ),
  {
    name: "a membership removed",
    act(scene) {
      const { membership: own, membershipKey } = scene.somebody();
      scene.workos.stores.memberships.remove(own);
      return [row("membership", membershipKey, "missing")];
    },
  },
  {
    name: "a membership moved to another organization",
    act(scene) {
      const { sub, account, membership: own, membershipKey } = scene.somebody();
      scene.workos.stores.memberships.remove(own);
      scene.addMembership(account.id, scene.organization("beta").id);
      return [row("membership", membershipKey, "missing"), row("membership", `${sub} beta`, "surplus")];
    },
  },
  {
    name: "a second membership for one of ours",
    act(scene) {
      const { sub, account } = scene.somebody();
      scene.addMembership(account.id, scene.organization("alpha").id);
      return [row("membership", `${sub} alpha`, "surplus")];
    },
  },
  {
    name: "a stranger's membership in an organization of ours",
    act(scene) {
      const [stranger] = scene.workos.seed([{ email: "stranger.member@example.com" }]);
      scene.addMembership(stranger?.id ?? "", scene.organization("alpha").id);
      return [row("membership", `${stranger?.id} alpha`, "surplus")];
    },
  },
];

export const PEOPLE = [...ACCOUNTS, ...MEMBERSHIPS];
