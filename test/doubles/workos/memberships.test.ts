import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";
import type { GivenOptions } from "./options.ts";

const MEMBERSHIPS = "/user_management/organization_memberships";

/** One user, one organization and the role `admin`. */
async function start(options: GivenOptions = {}) {
  const called = await startCalled(options);
  const { double, call } = called;
  const user_id = double.seed([{ email: "ada@example.com" }])[0]?.id;
  const organization_id = (await call("POST", "/organizations", { name: "Foo" })).body.id;
  await call("POST", "/authorization/roles", { slug: "admin", name: "Admin" });
  return { ...called, ids: { user_id, organization_id }, key: `${user_id} ${organization_id}` };
}

test("a membership is made, read, changed and deleted", async () => {
  const { double, call, ids, key } = await start();
  const { status, body } = await call("POST", MEMBERSHIPS, { ...ids, role_slug: "admin" });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    ...ids,
    object: "organization_membership",
    id: expect.stringMatching(/^om_/),
    organization_name: "Foo",
    status: "active",
    role: { slug: "admin" },
    roles: [{ slug: "admin" }],
    user: { email: "ada@example.com" },
  });
  const at = `${MEMBERSHIPS}/${body.id}`;
  expect((await call("GET", at)).body).toEqual(body);
  expect((await call("PUT", at, { role_slugs: ["member"] })).body.role).toEqual({ slug: "member" });
  expect((await call("PUT", at, {})).body.role).toEqual({ slug: "member" });
  expect((await call("DELETE", at)).status).toBe(200);
  expect((await call("GET", at)).status).toBe(404);
  expect((await call("POST", MEMBERSHIPS, ids)).body.role).toEqual({ slug: "member" });
  expect(double.state().createdMemberships).toEqual({ [key]: 2 });
  expect(double.journal.entries.filter((entry) => entry.key === key).map((entry) => entry.operation)).toEqual(
    [
      "createMembership",
      "getMembership",
      "updateMembership",
      "updateMembership",
      "deleteMembership",
      "createMembership",
    ],
  );
});

test.each([
  { style: "conflict409", status: 409, code: "organization_membership_already_exists" },
  { style: "unprocessable422", status: 422, code: "entity_already_exists" },
] as const)("a second membership is refused in the style $style", async ({ style, status, code }) => {
  const { call, ids, double, key } = await start({ membershipDuplicateStyle: style });
  await call("POST", MEMBERSHIPS, ids);
  expect(await call("POST", MEMBERSHIPS, ids)).toMatchObject({ status, body: { code } });
  expect(double.state().createdMemberships).toEqual({ [key]: 1 });
});

test("refuses unknown people, organizations and roles, and several roles", async () => {
  const { double, call, ids } = await start();
  const refusal = async (changes: object) => {
    const { status, body } = await call("POST", MEMBERSHIPS, { ...ids, ...changes });
    return `${status} ${body.code ?? body.message}`;
  };
  expect(await refusal({ user_id: "user_nobody" })).toBe("404 User 'user_nobody' not found.");
  expect(await refusal({ organization_id: "org_none" })).toBe("404 Organization 'org_none' not found.");
  expect(await refusal({ role_slug: "owner" })).toBe("422 invalid_role");
  expect(await refusal({ role_slugs: ["admin", "member"] })).toBe("422 multiple_roles_not_enabled");
  expect(await refusal({ role_slug: "admin", role_slugs: ["admin"] })).toBe("422 invalid_request_parameters");
  expect(await refusal({ status: "pending" })).toBe("422 invalid_request_parameters");
  expect(double.state().memberships).toEqual([]);
  double.setOptions({ multipleRoles: true });
  const { body } = await call("POST", MEMBERSHIPS, { ...ids, role_slugs: ["admin", "member"] });
  expect(body).toMatchObject({ role: { slug: "admin" }, roles: [{ slug: "admin" }, { slug: "member" }] });
});

test("lists the memberships of a user or an organization by status", async () => {
  const { double, call, ids } = await start();
  const [other] = double.seed([{ email: "bob@example.com" }]);
  await call("POST", MEMBERSHIPS, ids);
  await call("POST", MEMBERSHIPS, { ...ids, user_id: other?.id });
  const emails = async (query: string) => {
    const { data } = (await call("GET", `${MEMBERSHIPS}?${query}`)).body;
    return data.map(({ user }: { user: { email: string } }) => user.email);
  };
  expect(await emails(`organization_id=${ids.organization_id}`)).toEqual([
    "bob@example.com",
    "ada@example.com",
  ]);
  expect(await emails(`user_id=${ids.user_id}`)).toEqual(["ada@example.com"]);
  expect(await emails(`user_id=${ids.user_id}&organization_id=${ids.organization_id}`)).toHaveLength(1);
  expect(await emails(`user_id=${ids.user_id}&statuses=inactive,pending`)).toEqual([]);
  expect((await call("GET", MEMBERSHIPS)).body.code).toBe("missing_user_id_or_organization_id");
  expect((await call("GET", `${MEMBERSHIPS}?user_id=user_nobody`)).status).toBe(404);
  expect((await call("GET", `${MEMBERSHIPS}?user_id=${ids.user_id}&statuses=gone`)).status).toBe(422);
});

test("the list lags behind, the duplicate does not", async () => {
  const { call, ids } = await start({ lookupLagMs: 60_000 });
  const { body } = await call("POST", MEMBERSHIPS, ids);
  expect((await call("GET", `${MEMBERSHIPS}?user_id=${ids.user_id}`)).body.data).toEqual([]);
  expect((await call("GET", `${MEMBERSHIPS}/${body.id}`)).status).toBe(200);
  expect((await call("POST", MEMBERSHIPS, ids)).status).toBe(409);
});

test("a create activates an inactive membership, not a pending one", async () => {
  const { double, call, ids } = await start();
  const { body } = await call("POST", MEMBERSHIPS, ids);
  const membership = double.stores.memberships.byId.get(body.id);
  if (membership === undefined) throw new Error("The double has lost the membership.");
  membership.status = "pending";
  expect((await call("POST", MEMBERSHIPS, ids)).body.code).toBe(
    "cannot_reactivate_pending_organization_membership",
  );
  membership.status = "inactive";
  expect(await call("POST", MEMBERSHIPS, { ...ids, role_slug: "admin" })).toMatchObject({
    status: 201,
    body: { id: body.id, status: "active", role: { slug: "admin" } },
  });
});

test("memberships go with their user or organization", async () => {
  const { double, call, ids } = await start();
  await call("POST", MEMBERSHIPS, ids);
  await call("DELETE", `/user_management/users/${ids.user_id}`);
  expect(double.state().memberships).toEqual([]);
  const [bob] = double.seed([{ email: "bob@example.com" }]);
  await call("POST", MEMBERSHIPS, { ...ids, user_id: bob?.id });
  await call("DELETE", `/organizations/${ids.organization_id}`);
  expect(double.state()).toMatchObject({ memberships: [], users: [{ id: bob?.id }] });
});
