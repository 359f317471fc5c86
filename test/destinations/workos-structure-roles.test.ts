import { expect, test } from "vitest";
import type { RoleRecord } from "../../src/domain/records.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import { LONG_AGO, setUp, type Tries } from "./workos-setup.ts";

const RECORD: RoleRecord = {
  slug: "editor",
  name: "Editor",
  description: "Writes.",
  permissions: ["posts:read", "posts:write"],
};
const CREATED = { kind: "created", destinationId: "editor" };

async function setUpRoles() {
  const setup = await setUp();
  const { stores } = setup.double;
  const send = (fields: Partial<Tries> = {}, record: Partial<RoleRecord> = {}) =>
    setup.send(setup.workos.roles, { ...RECORD, ...record }, fields);
  const common = { description: null, resource_type_slug: "organization", created_at: LONG_AGO };
  const seedPermission = (slug: string) =>
    stores.permissions.add({
      object: "permission",
      ...stores.permissions.stamp(),
      ...common,
      slug,
      name: slug,
      system: false,
    });
  const seedRole = (permissions: string[]) =>
    stores.roles.add({
      object: "role",
      ...stores.roles.stamp(),
      ...common,
      slug: RECORD.slug,
      name: "Theirs",
      type: "EnvironmentRole",
      permissions,
    });
  const role = () => setup.double.state().roles.find(({ slug }) => slug === RECORD.slug);
  return { ...setup, send, seedPermission, seedRole, role };
}

const on = (operation: string, effect: FaultEffect, after = 0) => ({
  match: { operation, after },
  times: 1,
  effect,
});
const SLOW: FaultEffect = { kind: "status", status: 429, headers: { "retry-after": "7" }, body: {} };

test("creates a role and its permissions one by one", async () => {
  const { double, send, role, calls, verbs } = await setUpRoles();
  expect(await send()).toEqual(CREATED);
  expect(role()).toMatchObject({ name: "Editor", description: "Writes.", permissions: RECORD.permissions });
  expect(double.state().permissions).toMatchObject([
    { slug: "posts:read", name: "posts:read" },
    { slug: "posts:write", name: "posts:write" },
  ]);
  expect(calls()).toEqual([
    "createRole 201",
    "createPermission 201",
    "addRolePermission 200",
    "createPermission 201",
    "addRolePermission 200",
  ]);
  expect(verbs).toEqual(Array(5).fill("write"));
});

test("leaves an empty description out", async () => {
  const { send, role } = await setUpRoles();
  await send({}, { description: "", permissions: [] });
  expect(role()).toMatchObject({ description: null, permissions: [] });
});

test("a role that is there keeps what it has", async () => {
  const { send, seedPermission, seedRole, role, verbs } = await setUpRoles();
  for (const slug of ["posts:read", "theirs"]) seedPermission(slug);
  seedRole(["theirs", "posts:read"]);
  expect(await send()).toEqual({ kind: "already_there", destinationId: "editor" });
  expect(role()).toMatchObject({ name: "Theirs", permissions: ["theirs", "posts:read", "posts:write"] });
  expect(verbs.slice(0, 3)).toEqual(["write", "read", "write"]);
});

test("a second run changes nothing", async () => {
  const { send, role } = await setUpRoles();
  await send();
  const before = structuredClone(role());
  expect(await send({ inDoubt: true })).toEqual(CREATED);
  expect(role()).toMatchObject({ name: before?.name, permissions: before?.permissions });
});

test("any refusal of a role is looked up", async () => {
  const { double, send, seedRole } = await setUpRoles();
  seedRole([]);
  for (const status of [400, 404, 409, 422]) {
    double.faults.add(on("createRole", { kind: "status", status, body: { message: "undocumented" } }));
    expect(await send({}, { permissions: [] })).toMatchObject({ kind: "already_there" });
  }
});

test("a refused role that is nowhere carries its code", async () => {
  const { double, send, calls } = await setUpRoles();
  const body = { code: "bad_request", message: "No." };
  double.faults.add(on("createRole", { kind: "status", status: 400, body }));
  expect(await send()).toEqual({ kind: "rejected", code: "bad_request", message: "No." });
  expect(calls()).toEqual(["createRole 400", "getRole 404"]);
});

test("a conflict about a role that nobody shows waits", async () => {
  const { double, send } = await setUpRoles();
  const body = { code: "role_slug_conflict", message: "Taken." };
  double.faults.add(on("createRole", { kind: "status", status: 409, body }));
  expect(await send()).toMatchObject({ kind: "unknown", code: "exists_but_not_visible", message: "Taken." });
});

test.each<FaultEffect>([{ kind: "status_after_effect", status: 502 }, { kind: "reset_after_effect" }])(
  "a role without an answer is found and completed: $kind",
  async (effect) => {
    const { double, send, role } = await setUpRoles();
    double.faults.add(on("createRole", effect));
    expect(await send()).toEqual(CREATED);
    expect(role()?.permissions).toEqual(RECORD.permissions);
    expect(double.state().createdRoles).toEqual({ editor: 1 });
  },
);

test.each([
  { operation: "createPermission", after: 1 },
  { operation: "addRolePermission", after: 1 },
])("an unclear $operation is repeated", async ({ operation, after }) => {
  const { double, send, role } = await setUpRoles();
  double.faults.add(on(operation, { kind: "reset_after_effect" }, after));
  expect(await send()).toMatchObject({ kind: "unknown", code: "no_answer" });
  expect(await send({ inDoubt: true })).toEqual(CREATED);
  expect(role()?.permissions).toEqual(RECORD.permissions);
});

test("throttling before any effect slows down", async () => {
  const { double, send, seedRole } = await setUpRoles();
  double.faults.add(on("createRole", SLOW));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
  seedRole([]);
  double.faults.add(on("createPermission", SLOW));
  expect(await send()).toEqual({ kind: "slow_down", retryAfterMs: 7_000 });
});

test.each([
  { operation: "createPermission", after: 0 },
  { operation: "addRolePermission", after: 0 },
  { operation: "addRolePermission", after: 1 },
])("throttling after an effect leaves the item open: $operation $after", async ({ operation, after }) => {
  const { double, send, role } = await setUpRoles();
  double.faults.add(on(operation, SLOW, after));
  expect(await send()).toMatchObject({ kind: "unknown", code: "role_unfinished", retryAfterMs: 7_000 });
  expect(await send({ inDoubt: true })).toEqual(CREATED);
  expect(role()?.permissions).toEqual(RECORD.permissions);
});

test("access lost after an effect leaves the item open", async () => {
  const { double, send } = await setUpRoles();
  const lost: FaultEffect[] = [
    { kind: "status", status: 401, body: {} },
    { kind: "status", status: 403, body: {} },
  ];
  for (const effect of lost) {
    double.faults.add(on("createPermission", effect), on("listUsers", effect));
    expect(await send()).toMatchObject({ kind: "unknown", code: "role_unfinished" });
  }
  double.setOptions({ key: "sk_test_rotated" });
  expect(await send({ inDoubt: true })).toEqual({ kind: "access_lost", code: "unauthorized" });
});

test("a permission that is refused fails its role", async () => {
  const { send } = await setUpRoles();
  expect(await send({}, { permissions: ["Not A Slug"] })).toMatchObject({
    kind: "rejected",
    code: "http_422",
  });
});

test("a permission that cannot be found yet waits", async () => {
  const { double, send } = await setUpRoles();
  double.faults.add(on("addRolePermission", { kind: "status", status: 404, body: { message: "Not found" } }));
  expect(await send()).toMatchObject({ kind: "unknown", code: "exists_but_not_visible" });
});

test("the roles that stand are listed, and one that cannot be read hides no other", async () => {
  const { double, workos, seedRole, calls } = await setUpRoles();
  seedRole([]);
  expect(await workos.roles.list()).toEqual({ ok: true, value: ["member", "editor"] });
  const data = [{ object: "role" }, { object: "role", slug: "editor" }];
  double.faults.add(on("listRoles", { kind: "status", status: 200, body: { object: "list", data } }));
  expect(await workos.roles.list()).toEqual({ ok: true, value: ["editor"] });
  double.faults.add(on("listRoles", { kind: "status", status: 200, body: { object: "list" } }));
  expect(await workos.roles.list()).toMatchObject({ ok: false, problem: "refused" });
  double.faults.add(on("listRoles", { kind: "status", status: 403, body: { message: "No." } }));
  expect(await workos.roles.list()).toEqual({ ok: false, problem: "access_lost", code: "forbidden" });
  expect(calls()).toEqual(["listRoles 200", "listRoles 200", "listRoles 200", "listRoles 403"]);
});
