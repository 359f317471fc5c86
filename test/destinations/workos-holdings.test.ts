import { expect, test } from "vitest";
import type { ApplicationRecord } from "../../src/destinations/credentials.ts";
import type { Destination, FoundPage, Holdings } from "../../src/destinations/destination.ts";
import type { Outcome } from "../../src/destinations/sending.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import { setUp } from "./workos-setup.ts";

/** What WorkOS shows of what was made there. */

const PAGE_SIZE = 100;
const NO_MORE = async () => {};
const APPLICATION: ApplicationRecord = {
  key: "cognito:abc",
  name: "Shop",
  scopes: ["openid", "email"],
  kind: "oauth",
  redirectUris: ["https://a.example.com/", "https://b.example.com/"],
  defaultRedirectUri: "https://b.example.com/",
  usesPkce: true,
};

const on = (operation: string, effect: FaultEffect, after = 0) => ({
  match: { operation, after },
  times: 1,
  effect,
});
const answering = (body: object): FaultEffect => ({ kind: "status", status: 200, body });

function idOf(outcome: Outcome): string {
  if (!("destinationId" in outcome)) throw new Error(`Nothing was made: ${outcome.kind}.`);
  return outcome.destinationId;
}

function held<Found>(holdings: Holdings<Found> | undefined): Holdings<Found> {
  if (holdings === undefined) throw new Error("It tells nothing of these.");
  return holdings;
}

async function listed<Found>(
  holdings: Holdings<Found> | undefined,
  cursor: string | null = null,
): Promise<FoundPage<Found>> {
  const page = await held(holdings).list?.(cursor);
  if (!page?.ok) throw new Error(`No list: ${page?.problem}`);
  return page.value;
}

test("an organization is shown with what is compared of it", async () => {
  const { double, workos, send } = await setUp();
  const record = { externalId: "acme", name: "Acme", verifiedDomains: ["acme.example.com"] };
  const id = idOf(await send(workos.organizations, record));
  const found = { id, ...record };
  expect(await listed(workos.organizations.holdings)).toEqual({
    found: [found],
    unreadable: [],
    nextCursor: null,
  });
  const [made] = double.stores.organizations.all();
  if (made === undefined) throw new Error("It was not made.");
  double.stores.organizations.change(made, {
    external_id: null,
    name: "Other",
    domains: made.domains.map((domain) => ({ ...domain, state: "pending" })),
  });
  expect(await held(workos.organizations.holdings).find(id, NO_MORE)).toEqual({
    ok: true,
    value: { id, externalId: null, name: "Other", verifiedDomains: [] },
  });
  expect(await held(workos.organizations.holdings).find("org_gone", NO_MORE)).toEqual({
    ok: true,
    value: null,
  });
});

test("long lists come page by page, and a dead cursor is told", async () => {
  const { workos, send } = await setUp();
  for (let at = 0; at <= PAGE_SIZE; at += 1)
    await send(workos.organizations, { externalId: `t${at}`, name: `T${at}`, verifiedDomains: [] });
  const first = await listed(workos.organizations.holdings);
  expect(first.found).toHaveLength(PAGE_SIZE);
  const second = await listed(workos.organizations.holdings, first.nextCursor);
  expect(second.found.map(({ externalId }) => externalId)).toEqual([`t${PAGE_SIZE}`]);
  expect(second.nextCursor).toBeNull();
  expect(await held(workos.organizations.holdings).list?.("org_nowhere")).toMatchObject({
    ok: false,
    problem: "dead_cursor",
  });
});

test("a role is shown with its permissions, its slug for an id", async () => {
  const { workos, send } = await setUp();
  const record = { slug: "editor", name: "Editor", description: "", permissions: ["posts:read"] };
  await send(workos.roles, record);
  const found = { id: "editor", name: "Editor", description: "", permissions: ["posts:read"] };
  expect((await listed(workos.roles.holdings)).found).toContainEqual(found);
  expect(await held(workos.roles.holdings).find("editor", NO_MORE)).toEqual({ ok: true, value: found });
  expect(await held(workos.roles.holdings).find("nobody", NO_MORE)).toEqual({ ok: true, value: null });
});

test("an application is shown with key, addresses and flags", async () => {
  const { double, workos, send } = await setUp();
  const id = idOf(await send(workos.applications, APPLICATION));
  const [made] = double.stores.applications.all();
  const found = {
    ...{ id, clientId: made?.client_id, key: APPLICATION.key, name: "Shop", scopes: ["openid", "email"] },
    signIn: {
      redirectUris: ["https://a.example.com/", "https://b.example.com/"],
      defaultRedirectUri: "https://b.example.com/",
      usesPkce: true,
      isFirstParty: true,
    },
    organizationId: null,
  };
  expect(await listed(workos.applications.holdings)).toMatchObject({ found: [found], unreadable: [] });
  expect(await held(workos.applications.holdings).find(id, NO_MORE)).toEqual({ ok: true, value: found });
});

test("an application for machines shows whose it is, and one without a description no key", async () => {
  const { double, workos, send } = await setUp();
  const organizationId = idOf(
    await send(workos.organizations, { externalId: "acme", name: "Acme", verifiedDomains: [] }),
  );
  const id = idOf(
    await send(workos.applications, {
      key: "cognito:m2m",
      name: "M",
      scopes: [],
      kind: "m2m",
      organizationId,
    }),
  );
  const [made] = double.stores.applications.all();
  if (made === undefined) throw new Error("It was not made.");
  double.stores.applications.change(made, { description: null });
  const answer = await held(workos.applications.holdings).find(id, NO_MORE);
  expect(answer).toMatchObject({ value: { key: null, signIn: null, organizationId } });
});

test("people may write in front of an application's key", async () => {
  const { double, workos, send } = await setUp();
  await send(workos.applications, APPLICATION);
  const [made] = double.stores.applications.all();
  if (made === undefined) throw new Error("It was not made.");
  double.stores.applications.change(made, { description: "The shop, see wiki: cognito:abc " });
  expect((await listed(workos.applications.holdings)).found).toMatchObject([{ key: "cognito:abc" }]);
});

test("a redirect URI is found by its id through all pages, each with leave", async () => {
  const { workos, send } = await setUp();
  const ids: string[] = [];
  for (let at = 0; at <= PAGE_SIZE; at += 1)
    ids.push(idOf(await send(workos.redirectUris, { uri: `https://a.example.com/${at}` })));
  let more = 0;
  const beforeMore = async () => {
    more += 1;
  };
  const { find } = held(workos.redirectUris.holdings);
  expect(await find(ids.at(-1) ?? "", beforeMore)).toMatchObject({
    ok: true,
    value: { uri: `https://a.example.com/${PAGE_SIZE}` },
  });
  expect(more).toBe(1);
  expect(await find("redir_gone", beforeMore)).toEqual({ ok: true, value: null });
  expect((await listed(workos.redirectUris.holdings)).found).toHaveLength(PAGE_SIZE);
});

test("a connection is shown as it is named, whose it is, and whether somebody turned it off", async () => {
  const { double, workos, send } = await setUp();
  const organizationId = idOf(
    await send(workos.organizations, { externalId: "acme", name: "Acme", verifiedDomains: [] }),
  );
  const protocol = {
    ...{ kind: "oidc" as const, issuer: "https://idp.example.com", clientId: "c" },
    clientSecret: new Secret("s"),
  };
  const id = idOf(
    await send(workos.connections, { externalId: "pool/Idp", name: "Idp", organizationId, protocol }),
  );
  const { find, list } = held(workos.connections.holdings);
  expect(list).toBeUndefined();
  expect(await find(id, NO_MORE)).toEqual({
    ok: true,
    value: { id, name: "Idp", organizationId, isOn: true },
  });
  const [made] = double.stores.connections.all();
  if (made !== undefined) double.stores.connections.change(made, { state: "inactive" });
  expect(await find(id, NO_MORE)).toMatchObject({ value: { isOn: false } });
  expect(await find("conn_gone", NO_MORE)).toEqual({ ok: true, value: null });
});

const KINDS: { operation: string; list: (workos: Destination) => Holdings<unknown>["list"] }[] = [
  { operation: "listOrganizations", list: ({ organizations }) => organizations.holdings?.list },
  { operation: "listRoles", list: ({ roles }) => roles.holdings?.list },
  { operation: "listApplications", list: ({ applications }) => applications.holdings?.list },
  { operation: "listRedirectUris", list: ({ redirectUris }) => redirectUris.holdings?.list },
];

test.each(KINDS)("$operation: a row that cannot be read hides no other", async ({ operation, list }) => {
  const { double, workos } = await setUp();
  double.faults.add(on(operation, answering({ object: "list", data: [{ id: "odd_1" }, {}] })));
  expect(await list(workos)?.(null)).toEqual({
    ok: true,
    value: { found: [], unreadable: ["odd_1", "unknown"], nextCursor: null },
  });
});

test("a look-up whose answer lacks what is compared is refused as unreadable", async () => {
  const { double, workos, send } = await setUp();
  const id = idOf(
    await send(workos.organizations, { externalId: "acme", name: "Acme", verifiedDomains: [] }),
  );
  double.faults.add(on("getOrganization", answering({ object: "organization", id })));
  expect(await held(workos.organizations.holdings).find(id, NO_MORE)).toEqual({
    ok: false,
    problem: "refused",
    code: "unreadable",
  });
});
