import type { Pool, PoolUser } from "../../doubles/pool/pool.ts";
import { addressOf, type Decision, decide, isVerified } from "./who-comes.ts";
import { type Account, type Entry, EVERYBODY, type Fields, type Rules, type World } from "./world.ts";

/** Who must stand at the destination after each run, by the documents alone: a pure function of what happened. */

export function afterRun(before: World, pool: Pool, rules: Rules): World {
  const world = structuredClone(before);
  const decisions = decide(before, pool, rules);
  for (const user of pool.users)
    world.listed.set(user.sub, { email: addressOf(user), verified: isVerified(user) });
  if (rules.dryRun) return world;
  const comes = (user: PoolUser) => ["create", "open"].includes(decisions.get(user.sub)?.does ?? "");
  for (const user of pool.users) if (comes(user)) bring(world, user, rules);
  if (rules.only === null) removeBarred(world, pool, rules);
  if (rules.organizations !== "none") belong(world, pool, rules, decisions);
  if (rules.mails) for (const user of pool.users) if (comes(user)) mail(world, user);
  notice(world);
  return world;
}

function plannedFields(user: PoolUser, planKey: string): Fields {
  const { attributes } = user;
  return {
    email: addressOf(user),
    verified: isVerified(user),
    first: attributes.given_name ?? null,
    last: attributes.family_name ?? null,
    [`metadata.${planKey}`]: attributes["custom:plan"] ?? null,
  };
}

const OF_THE_ADDRESS = ["email", "verified"];

const at = (fields: Fields, name: string) => fields[name] ?? null;

function otherFields(one: Fields, other: Fields): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => at(one, name) !== at(other, name));
}

function holderOf({ accounts }: World, email: unknown): Account | undefined {
  return accounts.find(({ fields }) => fields.email === email);
}

function bring(world: World, user: PoolUser, rules: Rules): void {
  const planned = plannedFields(user, rules.planKey);
  const entry = world.book.get(user.sub);
  const there = holderOf(world, planned.email);
  if (entry?.state === "standing") update(world, entry, planned, user, rules);
  else if (entry === undefined && there === undefined) create(world, user, planned);
  else if (entry === undefined && there !== undefined && rules.onExisting === "adopt")
    adopt(world, user, planned, there);
}

function create(world: World, { sub }: PoolUser, planned: Fields): void {
  world.made += 1;
  const fields = { ...planned };
  const account = { n: world.made, key: sub, fields, isSignedIn: false, members: {}, mails: 0 };
  world.accounts.push(account);
  const known = { account, written: planned, before: {}, members: {} };
  world.book.set(sub, { how: "created", state: "standing", ...known });
}

/** One without a key, where both addresses are verified. Address and verification stay as they are. */
function adopt(world: World, { sub }: PoolUser, planned: Fields, account: Account): void {
  if (account.key !== null || account.fields.verified !== true || planned.verified !== true) return;
  const before = { ...account.fields };
  for (const [name, value] of Object.entries(planned))
    if (!OF_THE_ADDRESS.includes(name) && value !== null) account.fields[name] = value;
  account.key = sub;
  const known = { account, written: planned, before, members: {} };
  world.book.set(sub, { how: "adopted", state: "standing", ...known });
}

/** A field is written where the account holds what was written there last; the address where a person says so. */
function update(world: World, entry: Entry, planned: Fields, { sub }: PoolUser, rules: Rules): void {
  const { account, written, how } = entry;
  if (!world.accounts.includes(account)) return;
  const isAddressFree =
    how === "created" && (planned.email === written.email || rules.readdress.includes(sub));
  const mayWrite = (name: string) => isAddressFree || !OF_THE_ADDRESS.includes(name);
  const names = otherFields(written, planned).filter(mayWrite);
  const free = names.filter((name) => {
    const stands = at(account.fields, name);
    return stands === at(planned, name) || stands === at(written, name) || rules.changedThere === "overwrite";
  });
  const holder = holderOf(world, planned.email);
  if (free.includes("email") && holder !== undefined && holder !== account) return;
  for (const name of free) {
    account.fields[name] = at(planned, name);
    written[name] = at(planned, name);
  }
}

/** Whoever is disabled or gone loses the account that was made for them, as the file says and where nobody shares it. */
function removeBarred(world: World, { users }: Pool, { disabledLater, deletedLater }: Rules): void {
  const bySub = new Map(users.map((user) => [user.sub, user]));
  for (const [sub, { how, state, account }] of [...world.book]) {
    const user = bySub.get(sub);
    if (how !== "created" || state === "removed" || !world.accounts.includes(account)) continue;
    const addresses = [account.fields.email, world.listed.get(sub)?.email];
    const others = users.filter((other) => other.sub !== sub && addresses.includes(addressOf(other)));
    const isDisabled = user?.enabled === false && disabledLater === "delete" && !others.some(mayReturn);
    const isGone = user === undefined && deletedLater === "delete" && others.length === 0;
    if (isDisabled || isGone) remove(world, sub);
  }
}

const mayReturn = ({ enabled }: PoolUser) => enabled;

function remove(world: World, sub: string): void {
  world.accounts = world.accounts.filter((account) => account !== world.book.get(sub)?.account);
  world.book.delete(sub);
}

function belong(world: World, pool: Pool, rules: Rules, decisions: Map<string, Decision>): void {
  const wanted = new Map<string, Map<string, Set<string>>>();
  for (const { sub, attributes } of pool.users) {
    const decision = decisions.get(sub);
    if (decision === undefined || decision.does === "skip") continue;
    const person = decision.does === "merge" ? decision.into : sub;
    const own = wanted.get(person) ?? new Map<string, Set<string>>();
    wanted.set(person, own);
    const tenant = rules.organizations === "fixed" ? EVERYBODY : attributes["custom:tenant"];
    if (tenant === undefined) continue;
    world.organizations.add(tenant);
    const groups = rules.roles ? pool.groups.filter(({ members }) => members.includes(sub)) : [];
    own.set(tenant, new Set([...(own.get(tenant) ?? []), ...groups.map(({ name }) => name)]));
  }
  const disabled = new Set(pool.users.filter(({ enabled }) => !enabled).map(({ sub }) => sub));
  for (const [sub, entry] of world.book) {
    if (entry.state === "removed" || !world.accounts.includes(entry.account)) continue;
    const own = wanted.get(sub);
    for (const [organization, groups] of own ?? []) join(entry, organization, [...groups], rules);
    const isBarred = rules.disabledLater === "removeMemberships" && disabled.has(sub);
    if (rules.only === null && (own !== undefined || isBarred)) leave(entry, own ?? new Map());
  }
}

function join({ account, members }: Entry, organization: string, groups: string[], rules: Rules): void {
  const roles = groups.length === 0 ? "member" : groups.sort().join(" ");
  const known = members[organization];
  const stands = account.members[organization];
  if (known?.state === "removed") return;
  if (known !== undefined && stands === undefined) return;
  if (known !== undefined && known.roles === roles) return;
  if (known !== undefined && ![known.roles, roles].includes(stands ?? "") && rules.changedThere === "keep")
    return;
  account.members[organization] = roles;
  members[organization] = { roles, state: "standing" };
}

function leave({ account, members }: Entry, wanted: ReadonlyMap<string, unknown>): void {
  for (const [organization, { state }] of Object.entries(members)) {
    if (state === "removed" || wanted.has(organization)) continue;
    delete account.members[organization];
    delete members[organization];
  }
}

/** One mail for whoever had a password and was made here, where the address is theirs on both sides. */
function mail(world: World, user: PoolUser): void {
  const entry = world.book.get(user.sub);
  if (user.status !== "CONFIRMED" || !isVerified(user) || world.mailed.has(user.sub)) return;
  if (entry?.how !== "created" || entry.state === "removed") return;
  if (!world.accounts.includes(entry.account) || entry.account.fields.email !== addressOf(user)) return;
  entry.account.mails += 1;
  world.mailed.add(user.sub);
}

/** At its end a run sees what somebody removed. */
function notice({ accounts, book }: World): void {
  for (const entry of book.values()) {
    if (!accounts.includes(entry.account)) entry.state = "removed";
    for (const [organization, membership] of Object.entries(entry.members))
      if (entry.account.members[organization] === undefined) membership.state = "removed";
  }
}

export function afterUndo(before: World): World {
  const world = structuredClone(before);
  notice(world);
  for (const [sub, entry] of [...world.book]) {
    const { account, how, state, written } = entry;
    if (state === "removed" || (how === "created" && account.isSignedIn)) continue;
    if (how === "created") {
      remove(world, sub);
      world.mailed.delete(sub);
    } else {
      for (const name of otherFields(written, entry.before))
        if (at(account.fields, name) === at(written, name) && !OF_THE_ADDRESS.includes(name))
          account.fields[name] = at(entry.before, name);
      account.key = null;
      for (const [organization, membership] of Object.entries(entry.members))
        if (membership.state === "standing") delete account.members[organization];
      world.book.delete(sub);
    }
  }
  const used = new Set(world.accounts.flatMap(({ members }) => Object.keys(members)));
  world.organizations = new Set([...world.organizations].filter((name) => used.has(name)));
  return world;
}
