import { counted } from "../../src/commands/format.ts";
import type { Pool, PoolClient } from "../../test/doubles/pool/pool.ts";
import { PERMISSIONS, PLACED_PROVIDERS } from "./migration-file.ts";
import type { KeptSecrets } from "./secrets-side.ts";
import type { WorkosState } from "./workos-side.ts";

/** What is wrong with what the run made beside users and memberships, a sentence each. */

/** Users and memberships as well. */
export function auditOnce(workos: WorkosState): string[] {
  const created = {
    user: workos.createdByExternalId,
    organization: workos.createdOrganizations,
    membership: workos.createdMemberships,
    role: workos.createdRoles,
    connection: workos.createdConnections,
    application: workos.createdApplications,
  };
  return Object.entries(created).flatMap(([kind, timesByKey]) =>
    Object.entries(timesByKey).flatMap(([key, times]) =>
      times > 1 ? [`the ${kind} ${key} was created ${times} times`] : [],
    ),
  );
}

/** Connections stand where the migration file puts them; roles have the permissions that it names. */
export function auditPlaced({ organizations, connections, roles }: WorkosState): string[] {
  const keys = new Map(organizations.map(({ id, external_id }) => [id, external_id]));
  const placed = connections.map(({ name, organization_id }) => `${name} in ${keys.get(organization_id)}`);
  const expected = Object.entries(PLACED_PROVIDERS).map(([name, key]) => `${name} in ${key}`);
  const wrong = differences("connection", expected, placed);
  for (const [slug, permissions] of Object.entries(PERMISSIONS)) {
    const role = roles.find((one) => one.slug === slug);
    if (role === undefined) wrong.push(`there is no role ${slug}`);
    else wrong.push(...differences(`permission of ${slug}:`, permissions, role.permissions));
  }
  return wrong;
}

/** Every client that uses OAuth has an application, and every one that had a secret has one that is kept. */
export function auditApplications(pool: Pool, workos: WorkosState, kept: KeptSecrets): string[] {
  const wanted = pool.clients.filter(({ usesOAuth }) => usesOAuth);
  const names = wanted.map(({ name }) => name);
  const made = workos.applications.map(({ name }) => name);
  const wrong = differences("application", names, made);
  for (const client of wanted) wrong.push(...auditSecret(client, workos, kept));
  if (kept.mode !== 0o600) wrong.push(`secrets.json has the mode ${kept.mode.toString(8)}`);
  return wrong;
}

function auditSecret(client: PoolClient, workos: WorkosState, { entries }: KeptSecrets): string[] {
  const { name } = client;
  const application = workos.applications.find((one) => one.name === name);
  if (application === undefined) return [];
  const uris = application.redirect_uris.map(({ uri }) => uri);
  const wrong = differences(`redirect URI of ${name}:`, client.callbackUrls, uris);
  const living = workos.clientSecrets.filter(
    ({ application_id, deleted_at }) => application_id === application.id && deleted_at === null,
  );
  const own = entries.filter(({ clientId }) => clientId === application.client_id);
  const expected = client.secret === null ? 0 : 1;
  if (living.length !== expected) wrong.push(`${name} has ${counted(living.length, "secret")}`);
  if (own.length !== expected) wrong.push(`secrets.json holds ${counted(own.length, "secret")} of ${name}`);
  if (own[0]?.clientSecret !== living[0]?.secret) wrong.push(`${name} has another secret in secrets.json`);
  return wrong;
}

/** Each must be there once. */
function differences(what: string, expected: readonly string[], found: readonly string[]): string[] {
  const wrong = expected.flatMap((one) => {
    const times = found.filter((other) => other === one).length;
    return times === 1 ? [] : [`the ${what} ${one} is there ${times} times`];
  });
  const tooMany = found.filter((one) => !expected.includes(one));
  return [...wrong, ...tooMany.map((one) => `the ${what} ${one} should not be there`)];
}
