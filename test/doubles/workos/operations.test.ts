import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";
import { OPERATIONS } from "./operations.ts";

test.each(OPERATIONS)("%s %s is journaled as %s and has a route", async (method, path, operation) => {
  const { double, call } = await startCalled();
  const { body } = await call(method, path.replace(/:\w+/g, "x"));
  expect(body).not.toEqual({ message: "Not Found" });
  expect(double.journal.entries).toMatchObject([{ operation }]);
});

test("writes of every kind share one limit, reads another", async () => {
  const { call } = await startCalled({ limitScale: 2 / 500 });
  expect((await call("POST", "/organizations", { name: "Foo" })).status).toBe(201);
  expect((await call("POST", "/authorization/roles", { slug: "admin", name: "Admin" })).status).toBe(201);
  expect((await call("POST", "/user_management/redirect_uris", { uri: "https://a.example" })).status).toBe(
    429,
  );
  expect((await call("GET", "/organizations")).status).toBe(200);
});
