import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";

test("an organization is found by id and external id, and deleted once", async () => {
  const { double, call, calls } = await startCalled();
  const { status, body } = await call("POST", "/organizations", {
    name: "Foo Corp",
    external_id: "foo",
    domain_data: [{ domain: "Foo.example", state: "pending" }],
    metadata: { tier: "gold" },
  });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    object: "organization",
    id: expect.stringMatching(/^org_/),
    domains: [{ organization_id: body.id, domain: "foo.example", state: "pending" }],
    metadata: { tier: "gold" },
  });
  expect((await call("GET", `/organizations/${body.id}`)).body).toEqual(body);
  expect((await call("GET", "/organizations/external_id/foo")).body).toEqual(body);
  expect((await call("DELETE", `/organizations/${body.id}`)).status).toBe(202);
  expect((await call("DELETE", `/organizations/${body.id}`)).status).toBe(404);
  expect(double.state()).toMatchObject({ organizations: [], createdOrganizations: { foo: 1 } });
  expect(calls()).toEqual([
    "createOrganization foo 201",
    "getOrganization foo 200",
    "getOrganizationByExternalId foo 200",
    "deleteOrganization foo 202",
    `deleteOrganization ${body.id} 404`,
  ]);
});

test("names repeat, external ids do not, also while hidden", async () => {
  const { double, call } = await startCalled({ lookupLagMs: 60_000 });
  const foo = { name: "Foo Corp", external_id: "foo" };
  await call("POST", "/organizations", foo);
  expect(await call("POST", "/organizations", foo)).toMatchObject({
    status: 400,
    body: { code: "external_id_already_used" },
  });
  expect((await call("POST", "/organizations", { ...foo, external_id: "bar" })).status).toBe(201);
  expect((await call("GET", "/organizations/external_id/foo")).status).toBe(404);
  expect((await call("GET", "/organizations")).body.data).toEqual([]);
  expect(double.state().createdOrganizations).toEqual({ foo: 1, bar: 1 });
});

test("a verified domain belongs to one organization", async () => {
  const { call } = await startCalled();
  const domain_data = [{ domain: "foo.example", state: "verified" }];
  expect((await call("POST", "/organizations", { name: "Foo", domain_data })).status).toBe(201);
  expect((await call("POST", "/organizations", { name: "Bar", domain_data })).status).toBe(409);
});

test.each([
  { body: {} },
  { body: { name: " " } },
  { body: { name: "x".repeat(256) } },
  { body: { name: 1 } },
  { body: { name: "Foo", external_id: "é" } },
  { body: { name: "Foo", external_id: "x".repeat(65) } },
  { body: { name: "Foo", domain_data: [{ domain: "nonsense", state: "pending" }] } },
  { body: { name: "Foo", domains: ["foo.example"] } },
])("refuses the organization $body", async ({ body }) => {
  const { call } = await startCalled();
  expect((await call("POST", "/organizations", body)).status).toBe(422);
});

test("lists page forward, back and the normal way round", async () => {
  const { double, call } = await startCalled();
  for (const name of ["A", "B", "C", "D", "E"]) await call("POST", "/organizations", { name });
  const [a, b, c, d, e] = double.state().organizations.map(({ id }) => id);
  await call("DELETE", `/organizations/${c}`);
  const read = async (query: string) => {
    const { data, list_metadata } = (await call("GET", `/organizations?limit=2${query}`)).body;
    return { ids: data.map(({ id }: { id: string }) => id), ...list_metadata };
  };
  expect(await read("")).toEqual({ ids: [e, d], before: null, after: d });
  expect(await read(`&after=${d}`)).toEqual({ ids: [b, a], before: b, after: null });
  expect(await read(`&after=${c}`)).toMatchObject({ ids: [b, a] });
  expect(await read(`&before=${a}`)).toEqual({ ids: [d, b], before: d, after: b });
  expect(await read(`&order=asc&after=${a}`)).toEqual({ ids: [b, d], before: b, after: d });
  expect(await read(`&order=normal&before=${d}`)).toEqual({ ids: [b, a], before: null, after: b });
  expect((await call("GET", "/organizations?search=b")).body.data).toMatchObject([{ name: "B" }]);
});

test.each([{ query: "limit=0" }, { query: "after=org_nobody" }, { query: "total=true" }])(
  "refuses the query $query of the list of organizations",
  async ({ query }) => {
    const { call } = await startCalled();
    expect((await call("GET", `/organizations?${query}`)).status).toBe(422);
  },
);
