import { expect, test } from "vitest";
import type { ProviderTarget } from "../../src/destinations/credentials.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import { bringHome, startSignInPages } from "./sign-in-pages.ts";
import { connect, setUp } from "./workos-setup.ts";

const REDIRECT_URI = "https://app.example.com/callback";
const HOSTS = ["accounts.google.com", "appleid.apple.com", "login.microsoftonline.com"];
const GOOGLE: ProviderTarget = { kind: "dashboard", provider: "GoogleOAuth", clientId: "google-client" };

/** An environment with a redirect URI and Google; its page is one of ours. */
async function setUpCheck(answers: Parameters<typeof startSignInPages>[0] = {}, callTimeoutMs?: number) {
  const setup = await setUp({}, callTimeoutMs);
  const pages = await startSignInPages(answers);
  bringHome(HOSTS, pages.url);
  await setup.send(setup.workos.redirectUris, { uri: REDIRECT_URI });
  setup.double.configureProvider({ provider: "GoogleOAuth", clientId: "google-client" });
  const before = setup.calls().length;
  const check = (target: ProviderTarget = GOOGLE) => setup.workos.connections.check(target);
  return { ...setup, pages, check, calls: () => setup.calls().slice(before) };
}

const onAuthorize = (effect: FaultEffect) => ({ match: { operation: "authorize" }, times: 1, effect });
const redirectTo = (location: string): FaultEffect => ({
  kind: "status",
  status: 302,
  headers: { location },
});
const verdict = (value: object) => ({ ok: true, value });
const wrong = (code: string, found: string | null = null) => verdict({ kind: "wrong", code, found });
const VERIFIED = verdict({ kind: "verified" });

test("a provider that is met with its client is verified", async () => {
  const { check, pages, calls } = await setUpCheck();
  expect(await check()).toEqual(VERIFIED);
  expect(calls()).toEqual(["listRedirectUris 200", "authorize 302"]);
  expect(pages.visits).toEqual([expect.stringContaining("client_id=google-client")]);
  expect([...pages.headerNames]).not.toContain("authorization");
});

test.each([
  { provider: "AppleOAuth", page: "/auth/authorize" },
  { provider: "MicrosoftOAuth", page: "/common/oauth2/v2.0/authorize" },
] as const)("$provider has its own page", async ({ provider, page }) => {
  const { double, check, pages } = await setUpCheck();
  double.configureProvider({ provider, clientId: "theirs" });
  expect(await check({ kind: "dashboard", provider, clientId: "theirs" })).toEqual(VERIFIED);
  expect(pages.visits).toEqual([expect.stringContaining(page)]);
});

test("a provider that no page is known for is a mistake", async () => {
  const { double, check } = await setUpCheck();
  double.configureProvider({ provider: "GitHubOAuth", clientId: "theirs" });
  const target = { kind: "dashboard", provider: "GitHubOAuth", clientId: "theirs" } as const;
  await expect(check(target)).rejects.toThrow("GitHubOAuth");
});

test("another client id is told", async () => {
  const { double, check, pages } = await setUpCheck();
  double.configureProvider({ provider: "GoogleOAuth", clientId: "google-client-2" });
  expect(await check()).toEqual(wrong("wrong_client_id", "google-client-2"));
  double.faults.add(onAuthorize(redirectTo("https://accounts.google.com/o/oauth2/v2/auth")));
  expect(await check()).toEqual(wrong("wrong_client_id"));
  expect(pages.visits).toEqual([]);
});

test("a provider that is not set up is told with the error's word", async () => {
  const { double, check } = await setUpCheck();
  double.configureProvider({ provider: "GoogleOAuth", clientId: null });
  expect(await check()).toEqual(wrong("not_configured", "connection_invalid"));
});

test.each([
  { error: "invalid_client", expected: wrong("invalid_client") },
  { error: "redirect_uri_mismatch", expected: wrong("redirect_uri_missing") },
  { error: "server_error", expected: wrong("not_configured", "server_error") },
  { error: "Ask ada@example.com", expected: wrong("not_configured") },
])("a sign-in that comes back with $error is judged by it", async ({ error, expected }) => {
  const { double, check } = await setUpCheck();
  double.configureProvider({ provider: "GoogleOAuth", clientId: "google-client", error });
  expect(await check()).toEqual(expected);
});

test.each([
  {
    body: { error: "invalid_request", error_description: "redirect_uri is unknown" },
    expected: wrong("redirect_uri_missing"),
  },
  { body: { code: "invalid_client", message: "No." }, expected: wrong("invalid_client") },
  { body: { message: "No." }, expected: wrong("not_configured") },
  { body: { error: "not_enabled" }, expected: wrong("not_configured", "not_enabled") },
  { body: "<h1>Invalid redirect URI</h1>", expected: wrong("redirect_uri_missing") },
  { body: "<h1>Sorry</h1>", expected: wrong("not_configured") },
])("an answer that leads nowhere is judged by its body: $body", async ({ body, expected }) => {
  const { double, check } = await setUpCheck();
  double.faults.add(onAuthorize({ kind: "status", status: 400, body }));
  expect(await check()).toEqual(expected);
});

test("an environment that does not know the client is told", async () => {
  const { double, pages } = await setUpCheck();
  const other = connect({ key: double.key, url: double.url, clientId: "client_of_another" });
  expect(await other.connections.check(GOOGLE)).toEqual(wrong("invalid_client"));
  expect(pages.visits).toEqual([]);
});

test("without a redirect URI nothing is asked", async () => {
  const { workos, calls } = await setUp();
  expect(await workos.connections.check(GOOGLE)).toEqual(wrong("redirect_uri_missing"));
  expect(calls()).toEqual(["listRedirectUris 200"]);
});

test("the default redirect URI is used, and never a wildcard", async () => {
  const { double, workos } = await setUp();
  const { redirectUris } = double.stores;
  const add = (uri: string, isDefault: boolean) =>
    redirectUris.add({ object: "redirect_uri", ...redirectUris.stamp(), uri, default: isDefault });
  const asked = async () => {
    await workos.connections.check(GOOGLE);
    return new URLSearchParams(double.journal.entries.at(-1)?.query).get("redirect_uri");
  };
  add("https://*.example.com/callback", true);
  add("https://first.example.com/callback", false);
  expect(await asked()).toBe("https://first.example.com/callback");
  add("https://default.example.com/callback", true);
  expect(await asked()).toBe("https://default.example.com/callback");
});

test.each([
  "https://login.example.com/?client_id=google-client",
  "http://accounts.google.com/?client_id=google-client",
  "https://accounts.google.com:8443/?client_id=google-client",
])("a page elsewhere is no provider's: %s", async (location) => {
  const { double, check, pages } = await setUpCheck();
  double.faults.add(onAuthorize(redirectTo(location)));
  expect(await check()).toEqual(wrong("wrong_host", new URL(location).host));
  expect(pages.visits).toEqual([]);
});

test("trouble of WorkOS is no verdict", async () => {
  const { double, check } = await setUpCheck({}, 200);
  const headers = { "retry-after": "7" };
  double.faults.add(onAuthorize({ kind: "status", status: 429, headers }));
  expect(await check()).toEqual({ ok: false, problem: "slow_down", retryAfterMs: 7_000 });
  double.faults.add(onAuthorize({ kind: "status", status: 503 }));
  expect(await check()).toEqual({ ok: false, problem: "unavailable", code: "http_503" });
  double.faults.add(onAuthorize({ kind: "hang" }), onAuthorize({ kind: "reset" }));
  expect(await check()).toEqual({ ok: false, problem: "unavailable", code: "no_answer" });
  expect(await check()).toEqual({ ok: false, problem: "unavailable", code: "no_answer" });
  double.setOptions({ key: "sk_test_rotated" });
  expect(await check()).toEqual({ ok: false, problem: "access_lost", code: "unauthorized" });
});

const GOOGLE_PAGE = "/o/oauth2/v2/auth";
const errorAt = (location: string) => () => new Response(null, { status: 302, headers: { location } });
const authError = (text: string) =>
  `/signin/oauth/error?authError=${Buffer.from(text).toString("base64url")}`;

test.each([
  { says: errorAt(authError("\n\u000einvalid_client\u0012")), expected: wrong("invalid_client") },
  { says: errorAt(authError("redirect_uri_mismatch")), expected: wrong("redirect_uri_missing") },
  { says: errorAt("/error?error=invalid_client"), expected: wrong("invalid_client") },
  { says: () => new Response("AADSTS700016: no such app"), expected: wrong("invalid_client") },
  { says: () => new Response("AADSTS50011: reply URL"), expected: wrong("redirect_uri_missing") },
  {
    says: () => new Response('{"error":"invalid_client"}', { status: 401 }),
    expected: wrong("invalid_client"),
  },
  { says: errorAt("/signin/identifier"), expected: VERIFIED },
  { says: () => new Response("down", { status: 503 }), expected: VERIFIED },
  { says: () => new Response(`${"x".repeat(200_000)}invalid_client`), expected: VERIFIED },
])("the provider's page is believed where it is clear: $expected.value", async ({ says, expected }) => {
  const { check } = await setUpCheck({ [GOOGLE_PAGE]: says });
  expect(await check()).toEqual(expected);
});

test("a provider that cannot be reached changes nothing", async () => {
  const { check, pages } = await setUpCheck();
  await pages.close();
  expect(await check()).toEqual(VERIFIED);
});
