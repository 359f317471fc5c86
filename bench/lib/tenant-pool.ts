import { plainPool } from "../../test/doubles/pool/make-pool.ts";
import type { Pool, PoolGroup } from "../../test/doubles/pool/pool.ts";
import { createRandom, type Random } from "../../test/doubles/pool/random.ts";

const SEED = 1;
const MOST_GROUPS_OF_A_USER = 3;

/** The attribute that names a user's tenant. */
export const TENANT = "custom:tenant";

export interface TenantPoolWish {
  users: number;
  /** Each has a member, as far as there are users. */
  organizations: number;
  /** As many groups, each with a precedence of its own. */
  roles: number;
}

/** What a run has to make of a user. */
export interface Place {
  sub: string;
  /** The organization's key. */
  organization: string;
  /** The role's slug. */
  role: string;
}

export interface TenantPool {
  pool: Pool;
  places: readonly Place[];
}

/** Confirmed, verified people, each with a tenant and in one to three groups, of which the first gives the role. */
export function tenantPool({ users: count, organizations, roles }: TenantPoolWish): TenantPool {
  const { users, attributeNames, ...rest } = plainPool({ users: count });
  const random = createRandom(SEED);
  const groups = Array.from({ length: roles }, (_, index) => groupAt(index));
  const places = users.map(({ sub }, index) => {
    const own = drawIndexes(random, roles);
    for (const at of own) groups[at]?.members.push(sub);
    const organization = `tenant-${(index % organizations) + 1}`;
    return { sub, organization, role: nameAt(Math.min(...own)) };
  });
  const tenants = users.map((user, index) => {
    const tenant = places[index]?.organization ?? "";
    return { ...user, attributes: { ...user.attributes, [TENANT]: tenant } };
  });
  return { pool: { ...rest, users: tenants, groups, attributeNames: [...attributeNames, TENANT] }, places };
}

function groupAt(index: number): PoolGroup {
  return { name: nameAt(index), description: "", precedence: index + 1, members: [] };
}

/** As the slug that the name becomes. */
function nameAt(index: number): string {
  return `role-${index + 1}`;
}

/** One to three different ones. */
function drawIndexes(random: Random, below: number): Set<number> {
  const wanted = 1 + random.int(Math.min(MOST_GROUPS_OF_A_USER, below));
  const drawn = new Set<number>();
  while (drawn.size < wanted) drawn.add(random.int(below));
  return drawn;
}
