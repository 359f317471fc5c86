import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";
import type { GivenOptions } from "./options.ts";

const oidc_options = {
  discovery_endpoint: "https://idp.example/.well-known/openid-configuration",
  client_id: "abc",
  client_secret: "hush",
};
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const saml_options = { idp_sso_url: "https://idp.example/sso", idp_signing_certs: [PEM] };

async function start(options: GivenOptions = {}) {
  const called = await startCalled(options);
  const { body } = await called.call("POST", "/organizations", { name: "Foo", external_id: "foo" });
  const organization_id: string = body.id;
  const create = (fields: object) =>
    called.call("POST", "/connections", { organization_id, name: "Foo SSO", ...fields });
  return { ...called, organization_id, create };
}

test("a connection is made, read and deleted; its set-up stays with WorkOS", async () => {
  const { double, call, calls, create, organization_id } = await start();
  const attribute_maps = { standard_attributes: { email: "mail" }, custom_attributes: { team: "unit" } };
  const { status, body } = await create({ external_id: "oidc", oidc_options, attribute_maps });
  expect(status).toBe(201);
  expect(body).toEqual({
    object: "connection",
    id: expect.stringMatching(/^conn_/),
    organization_id,
    name: "Foo SSO",
    connection_type: "GenericOIDC",
    state: "validating",
    status: "unlinked",
    domains: [],
    created_at: expect.any(String),
    updated_at: expect.any(String),
  });
  expect(double.state()).toMatchObject({
    connections: [{ oidc_options, attribute_maps }],
    createdConnections: { [`${organization_id} oidc`]: 1 },
  });
  expect((await call("GET", `/connections/${body.id}`)).body).toEqual(body);
  expect((await call("DELETE", `/connections/${body.id}`)).status).toBe(204);
  expect((await call("GET", `/connections/${body.id}`)).status).toBe(404);
  expect(calls().slice(1)).toEqual([
    "createConnection oidc 201",
    "getConnection oidc 200",
    "deleteConnection oidc 204",
    `getConnection ${body.id} 404`,
  ]);
});

test("an external id known in the organization gets the connection that is there", async () => {
  const { double, call, create, organization_id } = await start();
  const first = await create({ external_id: "idp", saml_options });
  expect(first.body.connection_type).toBe("GenericSAML");
  expect(await create({ external_id: "idp", saml_options, name: "Other" })).toMatchObject({
    status: 200,
    body: first.body,
  });
  const other = (await call("POST", "/organizations", { name: "Bar" })).body.id;
  expect((await create({ organization_id: other, external_id: "idp", saml_options })).status).toBe(201);
  expect(double.state().createdConnections).toEqual({ [`${organization_id} idp`]: 1, [`${other} idp`]: 1 });
});

test("connections without an external id are twins", async () => {
  const { double, create } = await start();
  await create({ oidc_options });
  await create({ oidc_options });
  expect(double.state().connections).toHaveLength(2);
});

test.each([
  { fields: {} },
  { fields: { oidc_options, saml_options } },
  { fields: { oidc_options: { ...oidc_options, discovery_endpoint: "http://idp.example" } } },
  { fields: { oidc_options: { ...oidc_options, client_secret: "" } } },
  { fields: { oidc_options, connection_type: "OktaSAML" } },
  { fields: { saml_options, connection_type: "OktaOIDC" } },
  { fields: { saml_options: { ...saml_options, idp_signing_certs: [] } } },
  { fields: { saml_options: { ...saml_options, idp_signing_certs: ["MIIB"] } } },
  { fields: { saml_options: { ...saml_options, idp_metadata_url: "https://idp.example/metadata" } } },
  { fields: { oidc_options, attribute_maps: { standard_attributes: { phone: "tel" } } } },
  { fields: { oidc_options, state: "active" } },
])("refuses the connection $fields", async ({ fields }) => {
  const { create } = await start();
  expect((await create(fields)).status).toBe(422);
});

test("an unknown organization and an environment without the API answer 404", async () => {
  const { double, create } = await start();
  expect((await create({ organization_id: "org_none", oidc_options })).status).toBe(404);
  double.setOptions({ connectionsApi: false });
  expect(await create({ oidc_options })).toMatchObject({
    status: 404,
    body: { message: "The Connections API is not enabled for this environment." },
  });
});

test("lists by organization, type and name", async () => {
  const { call, create, organization_id } = await start();
  await create({ name: "Okta", oidc_options, connection_type: "OktaOIDC" });
  await create({ name: "Azure", saml_options, connection_type: "AzureSAML" });
  const names = async (query: string) => {
    const { data } = (await call("GET", `/connections?${query}`)).body;
    return data.map(({ name }: { name: string }) => name);
  };
  expect(await names(`organization_id=${organization_id}`)).toEqual(["Azure", "Okta"]);
  expect(await names("connection_type=OktaOIDC")).toEqual(["Okta"]);
  expect(await names("search=azu")).toEqual(["Azure"]);
  expect(await names("organization_id=org_none")).toEqual([]);
  expect((await call("GET", "/connections?kind=SAML")).status).toBe(422);
});

test("a connection that a person sets up is active and not counted", async () => {
  const { double, organization_id } = await start();
  const made = double.addConnection({ organization_id, name: "By hand", oidc_options });
  const answer = await fetch(`${double.url}/__double/dashboard/connections`, {
    method: "POST",
    body: JSON.stringify({ organization_id, name: "Over HTTP", state: "draft" }),
  });
  expect(answer.status).toBe(200);
  expect(double.state()).toMatchObject({
    connections: [
      { id: made.id, state: "active" },
      { name: "Over HTTP", connection_type: "Pending", state: "draft" },
    ],
    createdConnections: {},
  });
  expect(() => double.addConnection({ organization_id: "org_none", name: "x" })).toThrow("org_none");
});

test("a portal link needs an organization", async () => {
  const { call, organization_id } = await start();
  const link = (body: object) => call("POST", "/portal/generate_link", body);
  expect(await link({ organization: organization_id, intent: "sso" })).toMatchObject({
    status: 201,
    body: { link: expect.stringMatching(/^https:\/\/setup\.workos\.com\/\?token=/) },
  });
  expect((await link({ organization: "org_none", intent: "sso" })).status).toBe(404);
  expect((await link({ organization: organization_id, intent: "login" })).status).toBe(422);
  expect((await link({ intent: "sso" })).status).toBe(422);
});
