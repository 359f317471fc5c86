import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";

const REDIRECT_URIS = "/user_management/redirect_uris";

test.each([
  { uri: "https://app.example.com/callback", status: 201 },
  { uri: "http://localhost:3000/callback", status: 201 },
  { uri: "http://127.0.0.1/callback", status: 201 },
  { uri: "myapp://callback", status: 201 },
  { uri: "http://app.example.com/callback", status: 422 },
  { uri: "/callback", status: 422 },
])("answers $status to the redirect URI $uri", async ({ uri, status }) => {
  const { call, calls } = await startCalled();
  expect((await call("POST", REDIRECT_URIS, { uri })).status).toBe(status);
  expect(calls()).toEqual([`createRedirectUri ${status === 201 ? uri : "-"} ${status}`]);
});

test("a URI is registered once, listed and deleted, the default one excepted", async () => {
  const { double, call } = await startCalled();
  const create = (uri: string) => call("POST", REDIRECT_URIS, { uri });
  const first = await create("https://a.example");
  const second = await create("https://b.example");
  expect([first.body.default, second.body.default]).toEqual([true, false]);
  expect(await create("https://a.example")).toMatchObject({
    status: 422,
    body: { message: "Redirect URI 'https://a.example' already exists." },
  });
  expect((await call("GET", `${REDIRECT_URIS}?order=asc`)).body.data).toEqual([first.body, second.body]);
  expect((await call("DELETE", `${REDIRECT_URIS}/${first.body.id}`)).status).toBe(409);
  expect((await call("DELETE", `${REDIRECT_URIS}/${second.body.id}`)).status).toBe(204);
  expect((await call("DELETE", `${REDIRECT_URIS}/${second.body.id}`)).status).toBe(404);
  expect(double.state().redirectUris).toEqual([first.body]);
});
