import type { MigrationFile } from "../../src/domain/migration.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { type Pool, type PoolUser, poolOf } from "../doubles/pool/pool.ts";
import type { Random } from "../doubles/pool/random.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

/** A pool with tenants and groups, and what becomes of such a pool while people live on. */

export const FILE = {
  attributes: { "custom:plan": "plan", "custom:seat": "seat" },
  organizations: { from: "attribute", attribute: "custom:tenant" },
  roles: { from: "groups", several: true },
} satisfies Partial<MigrationFile>;

/** Of the destination. */
export const SEVERAL = { multipleRoles: true };

export function tenants(users: number): Pool {
  const pool = plainPool({ users, poolId: freshPoolId("delta") });
  for (const [index, user] of pool.users.entries())
    Object.assign(user.attributes, {
      given_name: `Given ${index}`,
      family_name: `Family ${index}`,
      "custom:tenant": `tenant-${index % 3}`,
      "custom:plan": "free",
      "custom:seat": `${index}`,
    });
  const groups = ["admins", "editors"].map((name, precedence) => ({
    name,
    description: "",
    precedence,
    members: pool.users.filter((_, index) => index % 5 === precedence).map(({ sub }) => sub),
  }));
  const attributeNames = [...pool.attributeNames, "custom:tenant", "custom:plan", "custom:seat"];
  return poolOf({ ...pool, groups, attributeNames: [...new Set(attributeNames)] });
}

export function nth({ users }: Pool, index: number): PoolUser {
  const user = users[index];
  if (user === undefined) throw new Error("The pool has not so many users.");
  return user;
}

function leave(pool: Pool, group: string, { sub }: PoolUser): void {
  const members = pool.groups.find(({ name }) => name === group)?.members ?? [];
  members.splice(members.indexOf(sub), 1);
}

/** Changes of twelve kinds; people of each index are touched once. */
export function changeInTwelveWays(pool: Pool): void {
  const of = (index: number) => nth(pool, index);
  of(0).attributes.given_name = "Renamed";
  of(1).attributes["custom:plan"] = "paid";
  delete of(2).attributes["custom:seat"];
  delete of(3).attributes.family_name;
  of(4).attributes.email_verified = "false";
  of(6).attributes["custom:tenant"] = "tenant-9";
  delete of(7).attributes["custom:tenant"];
  leave(pool, "admins", of(10));
  pool.groups.find(({ name }) => name === "editors")?.members.push(of(15).sub, of(8).sub);
  of(12).enabled = false;
  pool.users.push({
    ...structuredClone(of(13)),
    sub: "0c0ffee0-0000-4000-8000-000000000001",
    username: "new-person",
    attributes: {
      sub: "0c0ffee0-0000-4000-8000-000000000001",
      email: "new.person@example.com",
      email_verified: "true",
      "custom:tenant": "tenant-1",
    },
  });
  pool.users.splice(14, 1);
}

/** Something that happens to somebody, or to the pool. */
export function changeAtRandom(pool: Pool, random: Random): void {
  const user = nth(pool, random.int(pool.users.length));
  const { attributes } = user;
  const group = pool.groups[random.int(pool.groups.length)];
  switch (random.int(10)) {
    case 0:
      attributes.given_name = `Given ${random.int(1_000)}`;
      break;
    case 1:
      delete attributes.family_name;
      break;
    case 2:
      attributes["custom:plan"] = `plan ${random.int(3)}`;
      break;
    case 3:
      delete attributes["custom:seat"];
      break;
    case 4:
      attributes["custom:tenant"] = `tenant-${random.int(4)}`;
      break;
    case 5:
      group?.members.splice(random.int(group.members.length), 1);
      break;
    case 6:
      if (!group?.members.includes(user.sub)) group?.members.push(user.sub);
      break;
    case 7:
      user.enabled = !user.enabled;
      break;
    case 8:
      if (pool.users.length > 10) pool.users.splice(pool.users.indexOf(user), 1);
      break;
    default:
      signUp(pool, random);
  }
}

let signUps = 0;

function signUp(pool: Pool, random: Random): void {
  signUps += 1;
  const sub = `0c0ffee0-0000-4000-8000-${String(signUps).padStart(12, "0")}`;
  const attributes = {
    sub,
    email: `new-${signUps}@example.com`,
    email_verified: "true",
    given_name: "New",
    "custom:tenant": `tenant-${random.int(4)}`,
  };
  pool.users.push({
    ...structuredClone(nth(pool, 0)),
    sub,
    username: `new-${signUps}`,
    enabled: true,
    attributes,
  });
}
