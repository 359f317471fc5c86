import type { Pool, PoolUser } from "../../doubles/pool/pool.ts";
import type { WorkosDouble } from "../../doubles/workos/double.ts";
import { personOf } from "./people.ts";
import { addressOf, isVerified } from "./who-comes.ts";
import type { Rules, World } from "./world.ts";

/** What happens between two runs: to people at Cognito, to accounts at WorkOS, to the file. */

export const AT_COGNITO = [
  "renamed",
  "without a family name",
  "other plan",
  "verified or not",
  "other address",
  "disabled or enabled",
  "deleted",
  "deleted and signed up again",
  "signed up",
  "signed up at Google as well",
  "signed up with a second account",
  "in or out of a group",
  "other tenant",
] as const;
export const AT_WORKOS = [
  "account removed",
  "field changed",
  "plan changed",
  "membership removed",
  "roles changed",
  "signed in",
  "a stranger comes",
  "somebody has an address of the pool",
] as const;
export const IN_FILE = [
  "disabledLater",
  "deletedLater",
  "changedThere",
  "onExisting",
  "planKey",
  "organizations",
  "roles",
  "readdress",
] as const;

export interface Change {
  what: (typeof AT_COGNITO | typeof AT_WORKOS | typeof IN_FILE)[number];
  who: number;
  to: number;
}

export interface Scene {
  pool: Pool;
  workos: WorkosDouble;
  world: World;
  rules: Rules;
  /** By the model's numbers. */
  ids: Map<number, string>;
  came: number;
  /** A run was cut off since the last whole one: what it may have made unheard, nobody here can tell when it is gone. */
  isCut: boolean;
  /** Subs of people to whom something happened in Cognito since the last run of everybody. */
  changed: Set<string>;
}

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % Math.max(1, items.length)];
}

/** A change that finds nobody to happen to does not happen. */
export function apply(scene: Scene, change: Change): void {
  const { what, who, to } = change;
  if ((AT_COGNITO as readonly string[]).includes(what))
    atCognito(scene, what, pick(scene.pool.users, who), to);
  else if (what === "a stranger comes" || what === "somebody has an address of the pool")
    come(scene, what, who, to);
  else if ((AT_WORKOS as readonly string[]).includes(what)) atWorkos(scene, what, who, to);
  else inFile(scene, what, who, to);
}

function atCognito(scene: Scene, what: string, user: PoolUser | undefined, to: number): void {
  const { pool } = scene;
  if (user === undefined) return;
  const { attributes, sub } = user;
  scene.changed.add(sub);
  const isAlone = pool.users.every((other) => other === user || addressOf(other) !== addressOf(user));
  switch (what) {
    case "renamed":
      attributes.given_name = `Given ${to}`;
      return;
    case "without a family name":
      delete attributes.family_name;
      return;
    case "other plan":
      if (to === 0) delete attributes["custom:plan"];
      else attributes["custom:plan"] = `plan ${to}`;
      return;
    case "verified or not":
      if (isAlone) attributes.email_verified = String(!isVerified(user));
      return;
    case "other address":
      scene.came += 1;
      if (isAlone && attributes.email !== undefined) attributes.email = `moved-${scene.came}@example.com`;
      return;
    case "disabled or enabled":
      user.enabled = !user.enabled;
      return;
    case "deleted":
      deleteUser(pool, user);
      return;
    case "in or out of a group": {
      const group = pick(pool.groups, to);
      if (group?.members.includes(sub)) group.members.splice(group.members.indexOf(sub), 1);
      else group?.members.push(sub);
      return;
    }
    case "other tenant":
      if (to === 0) delete attributes["custom:tenant"];
      else attributes["custom:tenant"] = `tenant-${to}`;
      return;
    default:
      signUp(scene, what, user);
  }
}

function signUp(scene: Scene, what: string, user: PoolUser): void {
  const { pool } = scene;
  scene.came += 1;
  const sub = `new-${scene.came}`;
  const { email } = user.attributes;
  if (what === "signed up") {
    pool.users.push(personOf(sub));
    return;
  }
  if (email === undefined || !isVerified(user)) return;
  const status = what === "signed up at Google as well" ? "EXTERNAL_PROVIDER" : "CONFIRMED";
  if (what === "deleted and signed up again") deleteUser(pool, user);
  pool.users.push(personOf(sub, { email, status }));
}

function deleteUser({ users, groups }: Pool, user: PoolUser): void {
  users.splice(users.indexOf(user), 1);
  for (const group of groups) group.members = group.members.filter((sub) => sub !== user.sub);
}

function atWorkos(scene: Scene, what: string, who: number, to: number): void {
  const { workos, world, ids } = scene;
  const { stores } = workos;
  if (scene.isCut && what.endsWith("removed")) return;
  const account = pick(world.accounts, who);
  const user = stores.users.users.get(ids.get(account?.n ?? 0) ?? "");
  if (account === undefined || user === undefined) return;
  const memberships = stores.memberships.inGroup(user.id);
  const membership = pick(memberships, to);
  const organization = String(stores.organizations.byId.get(membership?.organization_id ?? "")?.external_id);
  switch (what) {
    case "account removed":
      for (const one of memberships) stores.memberships.remove(one);
      stores.users.remove(user);
      world.accounts = world.accounts.filter((one) => one !== account);
      return;
    case "field changed":
      stores.users.change(user, { first_name: `There ${to}` });
      account.fields.first = `There ${to}`;
      return;
    case "plan changed":
      stores.users.change(user, { metadata: { ...user.metadata, plan: `there ${to}` } });
      account.fields["metadata.plan"] = `there ${to}`;
      return;
    case "membership removed":
      if (membership === undefined) return;
      stores.memberships.remove(membership);
      delete account.members[organization];
      return;
    case "roles changed": {
      if (membership === undefined) return;
      const role = { slug: "by-hand" };
      stores.memberships.change(membership, { role, roles: [role] });
      account.members[organization] = role.slug;
      return;
    }
    default:
      stores.users.change(user, { last_sign_in_at: new Date().toISOString() });
      account.isSignedIn = true;
  }
}

function come(scene: Scene, what: string, who: number, to: number): void {
  const { workos, world, ids, pool } = scene;
  scene.came += 1;
  const isStranger = what === "a stranger comes";
  const email = isStranger
    ? `stranger-${scene.came}@example.com`
    : addressOf(pick(pool.users, who) ?? personOf("x"));
  if (email === "" || workos.stores.users.ownerOfEmail(email) !== null) return;
  const verified = to > 0;
  const key = isStranger || to === 1 ? `key-${scene.came}` : null;
  const fields = { email, email_verified: verified, first_name: "Theirs", metadata: { theirs: "yes" } };
  const [user] = workos.seed([{ ...fields, external_id: key }]);
  if (user === undefined) return;
  world.made += 1;
  ids.set(world.made, user.id);
  const seen = { email, verified, first: "Theirs", "metadata.theirs": "yes" };
  world.accounts.push({ n: world.made, key, fields: seen, isSignedIn: false, members: {}, mails: 0 });
}

function inFile({ rules, pool }: Scene, what: string, who: number, to: number): void {
  const one = <T>(...values: readonly T[]) => pick(values, to);
  switch (what) {
    case "disabledLater":
      rules.disabledLater = one("report", "removeMemberships", "delete", "delete") ?? "report";
      return;
    case "deletedLater":
      rules.deletedLater = one("report", "delete", "delete") ?? "report";
      return;
    case "changedThere":
      rules.changedThere = one("keep", "overwrite") ?? "keep";
      return;
    case "onExisting":
      rules.onExisting = one("skip", "adopt", "adopt") ?? "skip";
      return;
    case "planKey":
      rules.planKey = one("plan", "tier") ?? "plan";
      return;
    case "organizations":
      rules.organizations = one("attribute", "attribute", "fixed", "none") ?? "attribute";
      return;
    case "roles":
      rules.roles = !rules.roles;
      return;
    default: {
      const sub = pick(pool.users, who)?.sub;
      rules.readdress = sub === undefined ? rules.readdress : [...rules.readdress, sub];
    }
  }
}
