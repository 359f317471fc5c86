import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { SourceAnswer, UserSource } from "../../src/cognito/source.ts";
import type { ConfigurationPage } from "../../src/domain/pool.ts";
import type { OptionsWish } from "../doubles/cognito/options.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { type Pool, type PoolClient, type PoolProvider, poolOf } from "../doubles/pool/pool.ts";
import { randomMarker } from "../doubles/pool/random.ts";
import { answered, startRig, walkItems } from "./rig.ts";

const pool = makePool({ users: 100, seed: 8, providers: true });

const providerOf = (name: string): PoolProvider => ({
  name,
  type: "OIDC",
  details: {},
  attributeMapping: {},
  identifiers: [],
});
const clientOf = (id: string): PoolClient => ({
  id,
  name: `app ${id}`,
  secret: null,
  usesOAuth: false,
  flows: [],
  scopes: [],
  callbackUrls: [],
  logoutUrls: [],
  defaultRedirectUri: null,
  providers: [],
  signInFlows: [],
  writeAttributes: null,
});

/** More of everything than two pages take. */
const numbers = Array.from({ length: 130 }, (_, n) => n);
const PAGES_OF_LARGE = 3;
const largePool = poolOf({
  users: [],
  groups: numbers.map((n) => ({
    name: `group-${n}`,
    description: `Group ${n}`,
    precedence: n % 2 === 0 ? n : null,
    members: [],
  })),
  identityProviders: numbers.map((n) => providerOf(`provider-${n}`)),
  clients: numbers.map((n) => clientOf(`client${n}`)),
  resourceServers: numbers.map((n) => ({
    identifier: `api-${n}`,
    name: `API ${n}`,
    scopes: [{ name: "read", description: "Read" }],
  })),
});

interface List {
  operation: NonNullable<OptionsWish["denied"]>;
  page(source: UserSource, token: string | null): Promise<SourceAnswer<ConfigurationPage<unknown>>>;
  /** What the list of a pool reads as. */
  expected(of: Pool): unknown[];
}

const LISTS: List[] = [
  {
    operation: "ListGroups",
    page: (source, token) => source.listGroups(token),
    expected: ({ groups }) => groups.map(({ members: _, ...group }) => group),
  },
  {
    operation: "ListIdentityProviders",
    page: (source, token) => source.listIdentityProviders(token),
    expected: ({ identityProviders }) => identityProviders.map(({ name }) => name),
  },
  {
    operation: "ListUserPoolClients",
    page: (source, token) => source.listAppClients(token),
    expected: ({ clients }) => clients.map(({ id }) => id),
  },
  {
    operation: "ListResourceServers",
    page: (source, token) => source.listResourceServers(token),
    expected: ({ resourceServers }) =>
      resourceServers.map(({ scopes, ...server }) => ({ ...server, scopes: scopes.map(({ name }) => name) })),
  },
];

test.each(LISTS)("$operation is walked over full pages", async ({ page, expected }) => {
  const { double, source } = await startRig({ pool: largePool });
  expect(await walkItems((token) => page(source, token))).toEqual(expected(largePool));
  expect(double.journal.entries).toHaveLength(PAGES_OF_LARGE);
});

test.each(LISTS)("$operation is walked over short and empty pages", async ({ page, expected }) => {
  const options = { seed: 3, pages: { short: true, empty: true } };
  const { double, source } = await startRig({ pool: largePool, options });
  expect(await walkItems((token) => page(source, token))).toEqual(expected(largePool));
  expect(double.journal.entries.length).toBeGreaterThan(PAGES_OF_LARGE);
});

test.each(LISTS)("$operation of a bare pool is one empty page", async ({ page }) => {
  const { source } = await startRig({ pool: poolOf({ users: [] }) });
  expect(await page(source, null)).toEqual({ ok: true, value: { items: [], nextToken: null } });
});

test.each(LISTS)("$operation tells a dead token from other refusals", async ({ page }) => {
  const { source } = await startRig({ pool: largePool, options: { killTokensAfterPages: 1 } });
  const { nextToken } = await answered(page(source, null));
  expect(await page(source, nextToken)).toEqual({ ok: false, problem: "dead_token" });
});

test.each(LISTS)("$operation without its permission is access lost", async ({ operation, page }) => {
  const { source } = await startRig({ pool, options: { denied: operation } });
  const lost = { ok: false, problem: "access_lost", code: "AccessDeniedException" };
  expect(await page(source, null)).toEqual(lost);
});

test.each(LISTS)("$operation over the quota is asked to slow down", async ({ page }) => {
  const { source } = await startRig({ pool, options: { unlimited: false, quotaScale: 0.05 } });
  expect(await page(source, null)).toEqual({ ok: false, problem: "slow_down" });
});

test.each(LISTS)("$operation of a pool that does not exist is not found", async ({ page }) => {
  const { source } = await startRig({ pool, userPoolId: "eu-west-1_Nobody" });
  expect(await page(source, null)).toMatchObject({ ok: false, problem: "not_found" });
});

test.each(LISTS)("$operation answered by nothing is not the end of a list", async ({ operation, page }) => {
  const { double, source } = await startRig({ pool });
  double.faults.add({ match: { operation }, times: 1, effect: { kind: "status", status: 200, body: {} } });
  expect(await page(source, null)).toEqual({ ok: false, problem: "unavailable", code: "EmptyAnswer" });
});

test("rows without the name that they are known by are left out", async () => {
  const { double, source } = await startRig({ pool });
  const body = { Providers: [{ ProviderName: null }, { ProviderName: "Google" }, {}], NextToken: null };
  double.faults.add({
    match: { operation: "ListIdentityProviders" },
    times: 1,
    effect: { kind: "status", status: 200, body },
  });
  const page = { items: ["Google"], nextToken: null };
  expect(await source.listIdentityProviders(null)).toEqual({ ok: true, value: page });
});

const DESCRIPTIONS = [
  {
    operation: "DescribeIdentityProvider",
    describe: (source: UserSource) => source.describeIdentityProvider("Google"),
    describeUnknown: (source: UserSource) => source.describeIdentityProvider("Nobody"),
  },
  {
    operation: "DescribeUserPoolClient",
    describe: (source: UserSource) => source.describeAppClient(pool.clients[0]?.id ?? ""),
    describeUnknown: (source: UserSource) => source.describeAppClient("nobody"),
  },
] as const;

test.each(DESCRIPTIONS)("$operation of what does not exist is not found", async ({ describeUnknown }) => {
  const { source } = await startRig({ pool });
  const notFound = { ok: false, problem: "not_found", code: "ResourceNotFoundException" };
  expect(await describeUnknown(source)).toEqual(notFound);
});

test.each(DESCRIPTIONS)(
  "$operation without its permission is access lost",
  async ({ operation, describe }) => {
    const { source } = await startRig({ pool, options: { denied: operation } });
    expect(await describe(source)).toMatchObject({ ok: false, problem: "access_lost" });
  },
);

test.each(DESCRIPTIONS)("$operation answered by nothing is unavailable", async ({ operation, describe }) => {
  const { double, source } = await startRig({ pool });
  double.faults.add({ match: { operation }, times: 1, effect: { kind: "status", status: 200, body: {} } });
  expect(await describe(source)).toEqual({ ok: false, problem: "unavailable", code: "EmptyAnswer" });
});

test("describes an identity provider of every type", async () => {
  const { source } = await startRig({ pool });
  const read = [];
  for (const { name } of pool.identityProviders) {
    const { clientSecret, ...provider } = await answered(source.describeIdentityProvider(name));
    read.push({ ...provider, clientSecret: clientSecret?.reveal() ?? null });
  }
  const saml = {
    metadataUrl: "https://idp.acme.example/saml/metadata",
    metadataFile: null,
    ssoUrl: "https://idp.acme.example/saml/sign-in",
    entityId: null,
    signingCertificates: [],
  };
  expect(read).toEqual(
    pool.identityProviders.map(({ name, type, details, attributeMapping, identifiers }) => ({
      name,
      type,
      clientId: details.client_id ?? null,
      clientSecret: details.client_secret ?? null,
      issuer: type === "OIDC" ? details.oidc_issuer : null,
      scopes: details.authorize_scopes ?? "",
      saml: type === "SAML" ? saml : null,
      attributeMapping,
      identifiers,
    })),
  );
});

test("describes every app client", async () => {
  const { source } = await startRig({ pool });
  const read = [];
  for (const { id } of pool.clients) {
    const { secret, ...client } = await answered(source.describeAppClient(id));
    read.push({ ...client, secret: secret?.reveal() ?? null });
  }
  expect(read).toEqual(pool.clients.map(({ usesOAuth: _, ...client }) => client));
});

test("describes both domains of a pool", async () => {
  const { source } = await startRig({ pool });
  const shape = await answered(source.describePool());
  expect(shape).toMatchObject({ domain: "customers-example", customDomain: "auth.customers.example.com" });
});

test("no secret shows in what is described", async () => {
  const marker = randomMarker();
  const marked = makePool({ users: 1, seed: 8, providers: true, secretMarker: () => marker });
  const { source } = await startRig({ pool: marked });
  const described: object[] = [];
  for (const { name } of marked.identityProviders)
    described.push(await answered(source.describeIdentityProvider(name)));
  for (const { id } of marked.clients) described.push(await answered(source.describeAppClient(id)));
  const shown = described.flatMap((one) => [
    JSON.stringify(one),
    inspect(one, { depth: null, showHidden: true }),
    ...[one, ...Object.values(one)].map(String),
  ]);
  // Five providers and two clients have one, which each way of showing it hides.
  expect(shown.filter((text) => text.includes("[secret]"))).toHaveLength(7 * 3);
  expect(shown.filter((text) => text.includes(marker))).toEqual([]);
});
