import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";

const ROLES = "/authorization/roles";
const PERMISSIONS = "/authorization/permissions";

test("every environment has the role member", async () => {
  const { call } = await startCalled();
  expect((await call("GET", ROLES)).body).toEqual({
    object: "list",
    data: [expect.objectContaining({ slug: "member", type: "EnvironmentRole", permissions: [] })],
  });
});

test("a slug is taken once", async () => {
  const { double, call } = await startCalled();
  const admin = { slug: "admin", name: "Admin", description: "All of it" };
  expect((await call("POST", ROLES, admin)).body).toMatchObject({ ...admin, object: "role" });
  expect(await call("POST", ROLES, admin)).toMatchObject({
    status: 409,
    body: { code: "role_slug_conflict" },
  });
  expect((await call("GET", `${ROLES}/admin`)).body).toMatchObject(admin);
  const read = { slug: "documents:read.*", name: "Read" };
  expect((await call("POST", PERMISSIONS, read)).body).toMatchObject({ ...read, description: null });
  expect(await call("POST", PERMISSIONS, read)).toMatchObject({
    status: 409,
    body: { code: "permission_slug_conflict" },
  });
  expect((await call("GET", PERMISSIONS)).body.data).toMatchObject([read]);
  expect((await call("GET", `${PERMISSIONS}/${read.slug}`)).body).toMatchObject(read);
  expect(double.state().createdRoles).toEqual({ admin: 1 });
});

test("a permission is added to a role once, and the set replaced", async () => {
  const { call } = await startCalled();
  for (const slug of ["a", "b"]) await call("POST", PERMISSIONS, { slug, name: slug });
  const add = async (slug: string) =>
    (await call("POST", `${ROLES}/member/permissions`, { slug })).body.permissions;
  expect(await add("a")).toEqual(["a"]);
  expect(await add("a")).toEqual(["a"]);
  expect(await add("b")).toEqual(["a", "b"]);
  const set = await call("PUT", `${ROLES}/member/permissions`, { permissions: ["b", "b"] });
  expect(set.body.permissions).toEqual(["b"]);
});

test.each([
  { path: ROLES, body: { slug: "Admin", name: "Admin" }, status: 422 },
  { path: ROLES, body: { slug: "-admin", name: "Admin" }, status: 422 },
  { path: ROLES, body: { slug: "a".repeat(49), name: "Admin" }, status: 422 },
  { path: ROLES, body: { slug: "admin", name: "a".repeat(49) }, status: 422 },
  { path: ROLES, body: { slug: "admin", name: "Admin", description: "a".repeat(151) }, status: 422 },
  { path: ROLES, body: { slug: "admin", name: "Admin", priority: 1 }, status: 422 },
  { path: ROLES, body: { slug: "admin", name: "Admin", resource_type_slug: "folder" }, status: 404 },
  { path: PERMISSIONS, body: { slug: "Read", name: "Read" }, status: 422 },
  { path: PERMISSIONS, body: { slug: "read" }, status: 422 },
  { path: PERMISSIONS, body: { slug: "read", name: "Read", resource_type_slug: "folder" }, status: 404 },
  { path: `${ROLES}/owner/permissions`, body: { slug: "read" }, status: 404 },
  { path: `${ROLES}/member/permissions`, body: { slug: "unknown" }, status: 404 },
])("answers $status to $body at $path", async ({ path, body, status }) => {
  const { call } = await startCalled();
  expect((await call("POST", path, body)).status).toBe(status);
});

test.each([
  { path: `${ROLES}/owner`, status: 404 },
  { path: `${ROLES}?limit=1`, status: 422 },
  { path: `${PERMISSIONS}/unknown`, status: 404 },
  { path: `${PERMISSIONS}?total=true`, status: 422 },
])("answers $status to $path", async ({ path, status }) => {
  const { call } = await startCalled();
  expect((await call("GET", path)).status).toBe(status);
});
