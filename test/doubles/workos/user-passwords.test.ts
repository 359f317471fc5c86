import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";
import type { GivenOptions } from "./options.ts";

const USERS = "/user_management/users";
const ada = { email: "ada@example.com" };

async function start(options: GivenOptions = {}) {
  const started = await startCalled(options);
  const create = (fields: Record<string, unknown>) => started.call("POST", USERS, { ...ada, ...fields });
  return { ...started, create };
}

test("a user is created with a password, which no answer shows", async () => {
  const { double, create } = await start();
  const { status, body } = await create({ password: "correct horse" });
  expect(status).toBe(201);
  expect(double.passwordIs(body.id, "correct horse")).toBe(true);
  expect(double.passwordIs(body.id, "")).toBe(false);
  expect(JSON.stringify([body, double.state(), double.journal.entries])).not.toContain("correct horse");
});

test.each([{}, { password: null }])("a user that is created with %j has no password", async (fields) => {
  const { double, create } = await start();
  const { body } = await create(fields);
  for (const text of ["", "undefined", "null"]) expect(double.passwordIs(body.id, text)).toBe(false);
});

test("an update sets a new password, another one keeps it", async () => {
  const { double, create, call } = await start();
  const { id } = (await create({ password: "correct horse" })).body;
  expect((await call("PUT", `${USERS}/${id}`, { password: "battery staple" })).status).toBe(200);
  expect((await call("PUT", `${USERS}/${id}`, { first_name: "Ada" })).status).toBe(200);
  expect(double.passwordIs(id, "battery staple")).toBe(true);
  expect(double.passwordIs(id, "correct horse")).toBe(false);
});

test("a weak password creates nobody and changes nothing", async () => {
  const { double, create, call } = await start();
  const refusal = {
    status: 400,
    body: { code: "password_strength_error", errors: [{ code: "password_too_short" }] },
  };
  expect(await create({ password: "seven77" })).toMatchObject(refusal);
  expect(double.users.size).toBe(0);
  const { id } = (await create({ password: "eight888" })).body;
  expect(await call("PUT", `${USERS}/${id}`, { password: "seven77", first_name: "Ada" })).toMatchObject(
    refusal,
  );
  expect(double.users.get(id)?.first_name).toBe(null);
  expect(double.passwordIs(id, "eight888")).toBe(true);
});

test.each([
  { type: "ssha", algorithm: "sha1", position: undefined },
  { type: "ssha256", algorithm: "sha256", position: undefined },
  { type: "ssha256", algorithm: "sha256", position: "prefix" },
])("takes a hash of $type with its salt as $position", async ({ type, algorithm, position }) => {
  const { double, create } = await start();
  const salted = position === "prefix" ? "salt!correct horse" : "correct horsesalt!";
  const digest = createHash(algorithm).update(salted).digest();
  const hash = Buffer.concat([digest, Buffer.from("salt!")]).toString("base64");
  const { status, body } = await create({
    password_hash: `{${type.toUpperCase()}}${hash}`,
    password_hash_type: type,
    password_salt_position: position,
  });
  expect(status).toBe(201);
  expect(double.passwordIs(body.id, "correct horse")).toBe(true);
  expect(double.passwordIs(body.id, "correct horsE")).toBe(false);
});

const text = { password: "correct horse" };
test.each([
  { fields: { ...text, password_hash: "x" }, code: "password_and_password_hash_provided" },
  { fields: { ...text, password_hash_type: "ssha" }, code: "password_and_password_hash_type_provided" },
  { fields: { password_salt_position: "prefix" }, code: "password_salt_position_requires_password_hash" },
  { fields: { password_hash: "x", password_hash_type: "ssha" }, code: "invalid_password_hash" },
  { fields: { password_hash: "x" }, code: "invalid_password_hash" },
  { fields: { password_hash: "$2b$10$x", password_hash_type: "bcrypt" }, code: "invalid_password_hash" },
])("refuses $fields", async ({ fields, code }) => {
  const { create } = await start();
  expect(await create(fields)).toMatchObject({ status: 400, body: { code } });
});

test("a person who is deleted takes password and second factor along", async () => {
  const { double, create, call } = await start();
  const { id } = (await create(text)).body;
  double.setMfa(id, true);
  await call("DELETE", `${USERS}/${id}`);
  expect(double.stores.passwords.is(id, text.password)).toBe(false);
  expect(double.stores.mfaEnrolled.has(id)).toBe(false);
});
