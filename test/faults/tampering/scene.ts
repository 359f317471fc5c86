import type { MigrationFile } from "../../../src/domain/migration.ts";
import type { FoundDifference } from "../../../src/ledger/differences.ts";
import { makePool, plainPool } from "../../doubles/pool/make-pool.ts";
import {
  type Pool,
  type PoolClient,
  type PoolProvider,
  type PoolUser,
  poolOf,
} from "../../doubles/pool/pool.ts";
import type { WorkosDouble } from "../../doubles/workos/double.ts";
import type { WorkosMembership } from "../../doubles/workos/membership-store.ts";
import type { WorkosOrganization } from "../../doubles/workos/organization-store.ts";
import { freshPoolId } from "../../setup/fresh-pool-id.ts";

/** A pool of which a few are tampered with after they were written, each in one way, and the others stay untouched. */

export const UNTOUCHED = 5_000;
/** Of people and of everything else that is tampered with: more than are needed. */
const TOUCHED = 40;
const CLIENTS = 16;
const PROVIDERS = 5;
const TENANTS = ["alpha", "beta", "gamma"];

/** One kind of tampering: done to the stand-in's state; returns the rows that tell of it. */
export interface Tampering {
  name: string;
  act(scene: Scene): FoundDifference[];
}

/** Finds things at the stand-in by what the pool calls them. */
export class Scene {
  readonly workos: WorkosDouble;
  readonly pool: Pool;
  readonly #touched = new Set<number>();

  constructor(workos: WorkosDouble, pool: Pool) {
    this.workos = workos;
    this.pool = pool;
  }

  /** Somebody whom no other tampering touches; each of them is the member of an organization of their own, `own-<n>`. */
  somebody(fits: (user: PoolUser, pool: Pool) => boolean = isVerified) {
    const index = this.pool.users.findIndex((user, at) => !this.#touched.has(at) && fits(user, this.pool));
    if (index < 0 || index >= TOUCHED) throw new Error("Too few people to be tampered with.");
    this.#touched.add(index);
    const { sub } = personAt(this.pool, index);
    const account = this.workos.stores.users.ownerOfExternalId(sub);
    if (account === null) throw new Error("Nobody there has this key.");
    const organization = this.organization(`own-${index}`);
    const [membership] = this.workos.stores.memberships.inGroup(account.id);
    if (membership === undefined) throw new Error("They are no member.");
    return { sub, account, organization, membership, membershipKey: `${sub} own-${index}` };
  }

  organization(externalId: string): WorkosOrganization {
    const found = this.workos.stores.organizations.holderOf(externalId);
    if (found === null) throw new Error(`There is no organization ${externalId}.`);
    return found;
  }

  role(slug: string) {
    const found = this.workos.stores.roles.holderOf(slug);
    if (found === null) throw new Error(`There is no role ${slug}.`);
    return found;
  }

  application(name: string) {
    const client = this.client(name);
    const found = this.workos.stores.applications
      .all()
      .find(({ description }) => description === `cognito:${client.id}`);
    if (found === undefined) throw new Error(`There is no application ${name}.`);
    return { client, found };
  }

  client(name: string): PoolClient {
    const found = this.pool.clients.find((client) => client.name === name);
    if (found === undefined) throw new Error(`The pool has no app client ${name}.`);
    return found;
  }

  connection(provider: string) {
    const found = this.workos.stores.connections.all().find(({ name }) => name === provider);
    if (found === undefined) throw new Error(`There is no connection of ${provider}.`);
    return found;
  }

  addMembership(userId: string, organizationId: string): WorkosMembership {
    const { memberships } = this.workos.stores;
    return memberships.add({
      ...{ object: "organization_membership", ...memberships.stamp() },
      ...{ user_id: userId, organization_id: organizationId, status: "active", directory_managed: false },
      ...{ role: { slug: "member" }, roles: [{ slug: "member" }] },
    });
  }

  addOrganization(externalId: string | null): WorkosOrganization {
    const { organizations } = this.workos.stores;
    return organizations.add({
      ...{ object: "organization", ...organizations.stamp(), name: "Of somebody", domains: [] },
      ...{ metadata: {}, external_id: externalId, allow_profiles_outside_organization: false },
    });
  }

  /** The stand-in finds it under its other external id from now on. */
  giveExternalId(organization: WorkosOrganization, externalId: string | null): void {
    const { organizations } = this.workos.stores;
    organizations.remove(organization);
    organization.external_id = externalId;
    organizations.add(organization);
  }
}

export function row(
  kind: FoundDifference["kind"],
  key: string,
  difference: FoundDifference["difference"],
  field = "",
): FoundDifference {
  return { kind, key, difference, field };
}

function isVerified({ attributes }: PoolUser): boolean {
  return attributes.email_verified === "true";
}

export function isUnverified(user: PoolUser): boolean {
  return !isVerified(user);
}

export function isAdmin({ sub }: PoolUser, { groups }: Pool): boolean {
  return groups.some(({ name, members }) => name === "admins" && members.includes(sub));
}

function personAt({ users }: Pool, index: number): PoolUser {
  const user = users[index];
  if (user === undefined) throw new Error("The pool has not so many users.");
  return user;
}

/** The first people are those that are tampered with, the last one is disabled. */
export function tamperingPool(): Pool {
  const poolId = freshPoolId("tampering");
  const pool = plainPool({ users: TOUCHED + UNTOUCHED + 1, poolId });
  const { clients, identityProviders, resourceServers } = makePool({
    users: 1,
    seed: 5,
    poolId,
    providers: true,
  });
  for (const [index, { attributes }] of pool.users.entries())
    Object.assign(attributes, {
      given_name: `Given ${index}`,
      family_name: `Family ${index}`,
      "custom:plan": "free",
    });
  personAt(pool, 0).attributes.email_verified = "false";
  personAt(pool, TOUCHED + UNTOUCHED).enabled = false;
  const subs = pool.users.map(({ sub }) => sub);
  const touched = subs.slice(0, TOUCHED);
  const others = subs.slice(TOUCHED, -1);
  const group = (name: string, members: string[], precedence: number | null = null) => ({
    ...{ name, description: `About ${name}`, precedence, members },
  });
  return poolOf({
    ...pool,
    resourceServers,
    clients: clientsLike(clients),
    identityProviders: providersLike(identityProviders),
    groups: [
      ...touched.map((sub, index) => group(`tenant:own-${index}`, [sub])),
      ...TENANTS.map((name, at) =>
        group(
          `tenant:${name}`,
          others.filter((_, index) => index % TENANTS.length === at),
        ),
      ),
      group("tenant:empty", []),
      group(
        "admins",
        [...touched.slice(0, TOUCHED / 2), ...others.filter((_, index) => index % 10 === 0)],
        1,
      ),
      group(
        "editors",
        others.filter((_, index) => index % 10 === 1),
        2,
      ),
      group("renamed", [], 3),
      group("described", [], 4),
      group("stripped", [], 5),
      group("removed", [], 6),
    ],
  });
}

/** Applications for browsers, with a secret for each second one, and two that get tokens for themselves. */
function clientsLike(clients: readonly PoolClient[]): PoolClient[] {
  const named = (name: string) => {
    const found = clients.find((client) => client.name === name);
    if (found === undefined) throw new Error("The pool has changed.");
    return found;
  };
  const copy = (client: PoolClient, name: string, n: number): PoolClient => ({
    ...client,
    id: `${name.replace("-", "")}`.padEnd(26, "x"),
    name,
    ...(client.callbackUrls.length === 0
      ? {}
      : { callbackUrls: ["a", "b"].map((path) => `https://app${n}.example.com/${path}`) }),
    defaultRedirectUri: null,
  });
  return [
    ...Array.from({ length: CLIENTS }, (_, n) =>
      copy(named(n % 2 === 0 ? "web-app" : "back-office"), `app-${n}`, n),
    ),
    copy(named("nightly-export"), "machine-0", 0),
    copy(named("nightly-export"), "machine-1", 1),
    named("mobile-app"),
  ];
}

function providersLike(providers: readonly PoolProvider[]): PoolProvider[] {
  const oidc = providers.find(({ name }) => name === "CorpOIDC");
  if (oidc === undefined) throw new Error("The pool has changed.");
  return Array.from({ length: PROVIDERS }, (_, n) => ({ ...oidc, name: `Oidc${n}` }));
}

/** Of the migration. */
export function tamperingFile({ clients, identityProviders }: Pool): Partial<MigrationFile> {
  const machines = clients.filter(({ flows }) => flows.includes("client_credentials"));
  return {
    attributes: { "custom:plan": "plan", locale: "locale" },
    organizations: {
      from: "group",
      prefix: "tenant:",
      named: {
        alpha: { name: "Alpha Limited", verifiedDomains: ["alpha.example.com"] },
        beta: { name: "Beta", verifiedDomains: ["beta.example.com", "b.example.com"] },
      },
    },
    roles: { from: "groups", several: true, permissions: { stripped: ["posts:read", "posts:write"] } },
    providers: Object.fromEntries(identityProviders.map(({ name }) => [name, { organization: "gamma" }])),
    clients: Object.fromEntries(machines.map(({ id }) => [id, { organization: "gamma" }])),
    gate: { firstPollSeconds: 0.2, lastPollSeconds: 0.5 },
  };
}
