import { areSame, type Seen } from "./seen.ts";
import type { Account, World } from "./world.ts";

/** What a run was given, what it was to come to, and what stands. */
export interface Ends {
  before: World;
  after: World;
  seen: Seen;
  /** The stand-in's, by the model's numbers. */
  ids: ReadonlyMap<number, string>;
}

/** A run that was cancelled has done some of what it was to do. */
export function settleAll(ends: Ends): World {
  const world = settlePeople(ends, () => true);
  const { before, seen } = ends;
  for (const name of [...before.organizations, ...world.organizations]) {
    if (seen.organizations.has(name)) world.organizations.add(name);
    else world.organizations.delete(name);
  }
  return world;
}

/**
 * Of everything about these people, whether it stands as before or as after. What stands otherwise is left as it was to
 * be, so that the comparison shows it.
 */
export function settlePeople(
  { before, after, seen, ids }: Ends,
  mayBeEither: (key: string | null) => boolean,
): World {
  const world = structuredClone(after);
  // So that what goes back refers to accounts of its own.
  const old = structuredClone(before);
  const numbers = new Set([...old.accounts, ...world.accounts].map(({ n }) => n));
  for (const n of numbers) {
    const [was, is] = [old, world].map(({ accounts }) => accounts.find((account) => account.n === n));
    const stands = seen.accounts.find(
      ({ id, key }) => id === ids.get(n) || (was === undefined && key === is?.key),
    );
    if (!mayBeEither(is?.key ?? was?.key ?? null)) continue;
    if (was === undefined && is !== undefined && stands === undefined) takeOut(world, is);
    else if (is === undefined && was !== undefined && stands !== undefined) putBack(world, old, was);
    else if (was !== undefined && is !== undefined && stands !== undefined) {
      const isOld = !areSame(stands.fields, is.fields) && areSame(stands.fields, was.fields);
      if (isOld) goBack(world, old, is, was);
    }
    const account = world.accounts.find((one) => one.n === n);
    if (account !== undefined && stands !== undefined)
      settleMembers(world, old, account, was, stands.members);
    if (account !== undefined && stands !== undefined && stands.mails === (was?.mails ?? 0)) {
      if (account.mails > stands.mails && account.key !== null) world.mailed.delete(account.key);
      account.mails = stands.mails;
    }
  }
  return world;
}

function takeOut(world: World, account: Account): void {
  world.accounts = world.accounts.filter((one) => one !== account);
  if (account.key !== null) world.book.delete(account.key);
}

function putBack(world: World, old: World, was: Account): void {
  world.accounts.push(was);
  const entry = was.key === null ? undefined : old.book.get(was.key);
  if (was.key !== null && entry !== undefined) world.book.set(was.key, entry);
}

function goBack(world: World, old: World, is: Account, was: Account): void {
  const entry = world.book.get(is.key ?? "");
  const before = old.book.get(was.key ?? "");
  is.fields = was.fields;
  if (entry !== undefined && before !== undefined) entry.written = before.written;
  if (was.key === null && is.key !== null) world.book.delete(is.key);
  is.key = was.key;
}

function settleMembers(
  world: World,
  old: World,
  account: Account,
  was: Account | undefined,
  seen: Account["members"],
): void {
  const entry = world.book.get(account.key ?? "");
  const before = old.book.get(account.key ?? "");
  for (const organization of new Set([...Object.keys(account.members), ...Object.keys(was?.members ?? {})])) {
    const stands = seen[organization];
    if (stands === account.members[organization] || stands !== was?.members[organization]) continue;
    if (stands === undefined) delete account.members[organization];
    else account.members[organization] = stands;
    const known = before?.members[organization];
    if (entry === undefined) continue;
    if (known === undefined) delete entry.members[organization];
    else entry.members[organization] = known;
  }
}
