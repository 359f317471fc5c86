import { expect, test } from "vitest";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import { connect, setUp } from "./workos-setup.ts";

const OTHER = { ok: false, problem: "access_lost", code: "client_id_of_another_environment" };
const on = (operation: string, effect: FaultEffect) => ({ match: { operation }, times: 1, effect });

test("a key that works for the environment named makes nothing", async () => {
  const { double, workos, calls } = await setUp();
  const before = double.state();
  expect(await workos.checkAccess()).toEqual({ ok: true, value: null });
  expect(calls().toSorted()).toEqual(["exchangeCode 400", "listUsers 200"]);
  expect(double.state()).toEqual(before);
});

test("the client id of another environment is told, though the key works", async () => {
  const { double } = await setUp();
  const other = connect({ key: double.key, url: double.url, clientId: "client_of_another" });
  expect(await other.checkAccess()).toEqual(OTHER);
});

test("a key that does not work is told before where it belongs", async () => {
  const { double, workos } = await setUp();
  double.setOptions({ key: "sk_test_rotated" });
  expect(await workos.checkAccess()).toEqual({ ok: false, problem: "access_lost", code: "unauthorized" });
  double.setOptions({ key: double.key, forbidden: true });
  expect(await workos.checkAccess()).toEqual({ ok: false, problem: "access_lost", code: "forbidden" });
});

test.each([
  { status: 400, body: { error: "invalid_client", error_description: "No." }, expected: OTHER },
  // As RFC 6749 has it.
  { status: 401, body: { error: "invalid_client", error_description: "No." }, expected: OTHER },
  { status: 400, body: { error: "unauthorized_client", error_description: "No." }, expected: { ok: true } },
  { status: 404, body: { message: "Not Found" }, expected: { ok: true } },
  { status: 429, body: { message: "Slow." }, expected: { ok: false, problem: "slow_down" } },
  { status: 503, body: { message: "Down." }, expected: { ok: false, problem: "unavailable" } },
])("an exchange that answers $status $body.error", async ({ status, body, expected }) => {
  const { double, workos } = await setUp();
  double.faults.add(on("exchangeCode", { kind: "status", status, body }));
  expect(await workos.checkAccess()).toMatchObject(expected);
});
