import { makePool } from "../../test/doubles/pool/make-pool.ts";
import type { Pool, PoolUser } from "../../test/doubles/pool/pool.ts";

/** Customers of the demo's company; `null` is somebody who belongs to none. */
const TENANTS = ["acme", "globex", "initech", "corp", "umbrella", null] as const;

/** A pool with providers, app clients and groups, most of whose people belong to a tenant. */
export function demoPool(users: number, seed: number): Pool {
  const pool = makePool({ users, seed, providers: true });
  return { ...pool, users: pool.users.map(withTenant) };
}

/** Neighbours share one at times: accounts of one person stand side by side, and may belong to one or to two. */
function withTenant(user: PoolUser, index: number): PoolUser {
  const tenant = TENANTS[Math.floor(index / 2) % TENANTS.length] ?? null;
  if (tenant === null || user.attributes["custom:tenant"] !== undefined) return user;
  return { ...user, attributes: { ...user.attributes, "custom:tenant": tenant } };
}

/** The client id that Cognito knows an identity provider by. */
export function clientIdOf({ identityProviders }: Pool, provider: string): string {
  const clientId = identityProviders.find(({ name }) => name === provider)?.details.client_id;
  if (clientId === undefined) throw new Error(`The pool has no client id of ${provider}.`);
  return clientId;
}
