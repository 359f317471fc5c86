import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";

const APPLICATIONS = "/connect/applications";
const web = { name: "Web", application_type: "oauth", is_first_party: true };

test("an OAuth application is made, changed and deleted", async () => {
  const { call, calls } = await startCalled();
  const { status, body } = await call("POST", APPLICATIONS, {
    ...web,
    description: "cognito:abc",
    scopes: ["openid"],
    redirect_uris: [{ uri: "https://a.example" }, { uri: "myapp://b", default: true }],
    uses_pkce: true,
  });
  expect(status).toBe(201);
  expect(body).toEqual({
    ...web,
    object: "connect_application",
    id: expect.stringMatching(/^conn_app_/),
    client_id: expect.stringMatching(/^client_/),
    description: "cognito:abc",
    scopes: ["openid"],
    redirect_uris: [
      { uri: "https://a.example", default: false },
      { uri: "myapp://b", default: true },
    ],
    uses_pkce: true,
    created_at: expect.any(String),
    updated_at: expect.any(String),
  });
  expect((await call("GET", `${APPLICATIONS}/${body.client_id}`)).body).toEqual(body);
  const changes = { name: "Site", redirect_uris: [{ uri: "https://c.example" }], scopes: null };
  expect((await call("PUT", `${APPLICATIONS}/${body.id}`, changes)).body).toMatchObject({
    name: "Site",
    description: "cognito:abc",
    scopes: [],
    redirect_uris: [{ uri: "https://c.example", default: true }],
  });
  expect((await call("DELETE", `${APPLICATIONS}/${body.id}`)).status).toBe(204);
  expect((await call("GET", `${APPLICATIONS}/${body.id}`)).status).toBe(404);
  expect(calls()).toEqual([
    "createApplication cognito:abc 201",
    "getApplication cognito:abc 200",
    "updateApplication cognito:abc 200",
    "deleteApplication cognito:abc 204",
    `getApplication ${body.id} 404`,
  ]);
});

test("a repeated create makes a twin", async () => {
  const { double, call } = await startCalled({ lookupLagMs: 60_000 });
  const first = await call("POST", APPLICATIONS, { ...web, description: "same" });
  const second = await call("POST", APPLICATIONS, { ...web, description: "same" });
  expect(first.body.client_id).not.toBe(second.body.client_id);
  expect((await call("GET", APPLICATIONS)).body.data).toEqual([]);
  expect((await call("GET", `${APPLICATIONS}/${first.body.id}`)).status).toBe(200);
  expect(double.state().createdApplications).toEqual({ same: 2 });
});

test("machines and third parties belong to an organization", async () => {
  const { call } = await startCalled();
  const organization_id: string = (await call("POST", "/organizations", { name: "Foo" })).body.id;
  const machine = { name: "Worker", application_type: "m2m", organization_id };
  const m2m = (await call("POST", APPLICATIONS, machine)).body;
  expect(m2m).toMatchObject(machine);
  expect(m2m).not.toHaveProperty("redirect_uris");
  const partner = { ...web, is_first_party: false, organization_id };
  expect((await call("POST", APPLICATIONS, partner)).body).toMatchObject({
    organization_id,
    was_dynamically_registered: false,
  });
  await call("POST", APPLICATIONS, web);
  const found = async (query: string) => (await call("GET", `${APPLICATIONS}?${query}`)).body.data.length;
  expect(await found(`organization_id=${organization_id}`)).toBe(2);
  expect(await found("registration_types=dynamic")).toBe(0);
  expect(await found("registration_types=dynamic,authenticated")).toBe(3);
  const redirect_uris = [{ uri: "https://a.example" }];
  expect((await call("PUT", `${APPLICATIONS}/${m2m.id}`, { redirect_uris })).status).toBe(422);
  await call("DELETE", `/organizations/${organization_id}`);
  expect(await found("")).toBe(1);
});

test.each([
  { body: { name: "Web", application_type: "oauth" }, status: 422 },
  { body: { ...web, name: "" }, status: 422 },
  { body: { ...web, application_type: "spa" }, status: 422 },
  { body: { ...web, is_first_party: false }, status: 422 },
  { body: { ...web, organization_id: "org_none" }, status: 422 },
  { body: { ...web, redirect_uris: [{ uri: "http://a.example" }] }, status: 422 },
  {
    body: { ...web, redirect_uris: [{ uri: "https://a.example" }, { uri: "https://a.example" }] },
    status: 422,
  },
  { body: { ...web, logo: "x" }, status: 422 },
  { body: { name: "Worker", application_type: "m2m" }, status: 422 },
  { body: { name: "Worker", application_type: "m2m", organization_id: "org_none" }, status: 404 },
  { body: { name: "Worker", application_type: "m2m", organization_id: "x", uses_pkce: true }, status: 422 },
])("answers $status to the application $body", async ({ body, status }) => {
  const { call } = await startCalled();
  expect((await call("POST", APPLICATIONS, body)).status).toBe(status);
});

test("a secret is shown once, and remembered by the double alone", async () => {
  const { double, call, calls } = await startCalled();
  const { id } = (await call("POST", APPLICATIONS, { ...web, description: "web" })).body;
  const at = `${APPLICATIONS}/${id}/client_secrets`;
  const first = await call("POST", at);
  const second = await call("POST", at, {});
  const { secret, ...shown } = first.body;
  expect(first.status).toBe(201);
  expect(shown.secret_hint).toBe(secret.slice(-4));
  expect((await call("GET", at)).body).toEqual([
    shown,
    expect.not.objectContaining({ secret: expect.anything() }),
  ]);
  expect((await call("POST", at, { name: "x" })).status).toBe(422);
  expect((await call("DELETE", `/connect/client_secrets/${shown.id}`)).status).toBe(204);
  expect((await call("DELETE", `/connect/client_secrets/${shown.id}`)).status).toBe(404);
  expect((await call("GET", at)).body).toMatchObject([{ id: second.body.id }]);
  expect(double.state().clientSecrets).toMatchObject([
    { secret, application_id: id, deleted_at: expect.any(String) },
    { secret: second.body.secret, application_id: id, deleted_at: null },
  ]);
  await call("DELETE", `${APPLICATIONS}/${id}`);
  expect(double.state().clientSecrets.filter(({ deleted_at }) => deleted_at === null)).toEqual([]);
  expect(calls().filter((entry) => entry.startsWith("deleteClientSecret"))).toEqual([
    "deleteClientSecret web 204",
    `deleteClientSecret ${shown.id} 404`,
  ]);
});

test("a fault after the effect leaves an application that the caller does not know of", async () => {
  const { double, call } = await startCalled();
  double.faults.add({
    match: { operation: "createApplication" },
    times: 1,
    effect: { kind: "status_after_effect", status: 502 },
  });
  expect((await call("POST", APPLICATIONS, { ...web, description: "web" })).status).toBe(502);
  expect(double.state().createdApplications).toEqual({ web: 1 });
});
