import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { WorkOS } from "@workos-inc/node";
import { expect, test } from "vitest";
import { z } from "zod";
import { startCalled } from "./double-setup.ts";
import type { GivenOptions } from "./options.ts";

const AUTHENTICATE = "/user_management/authenticate";
const ada = { email: "ada@example.com", email_verified: true };
const PASSWORD = "correct horse";
const jwks = z.object({ keys: z.tuple([z.looseObject({ kid: z.string(), x5c: z.tuple([z.string()]) })]) });

async function startWithAda(options: GivenOptions = {}) {
  const started = await startCalled(options);
  const { double, call } = started;
  const userId = double.seed([ada])[0]?.id ?? "";
  double.setPassword(userId, PASSWORD);
  const client = { client_id: double.clientId, client_secret: double.key, grant_type: "password" };
  const signIn = (fields: Record<string, unknown> = {}) =>
    call("POST", AUTHENTICATE, { ...client, email: ada.email, password: PASSWORD, ...fields });
  const join = async (name: string) => {
    const { body } = await call("POST", "/organizations", { name });
    const ids = { user_id: userId, organization_id: body.id };
    await call("POST", "/user_management/organization_memberships", ids);
    return body.id;
  };
  return { ...started, userId, signIn, join };
}

test("a right password begins a session and leaves its time", async () => {
  const { double, signIn, userId, calls } = await startWithAda();
  const { status, body } = await signIn({ email: "Ada@Example.com", ip_address: "192.0.2.1" });
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      user: double.users.get(userId),
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      authentication_method: "Password",
    },
  });
  expect(Date.parse(double.users.get(userId)?.last_sign_in_at ?? "")).toBeLessThanOrEqual(Date.now());
  expect(calls()).toEqual(["authenticate Ada@Example.com 200"]);
});

test("anyone can check the access token by the published key", async () => {
  const { double, signIn, userId } = await startWithAda();
  const { access_token } = (await signIn()).body;
  const [header = "", claims = "", signature = ""] = access_token.split(".");
  const published = await fetch(`${double.url}/sso/jwks/${double.clientId}`);
  const [jwk] = jwks.parse(await published.json()).keys;
  expect(decoded(header)).toEqual({ alg: "RS256", typ: "JWT", kid: jwk.kid });
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const signed = Buffer.from(`${header}.${claims}`);
  expect(verify("sha256", signed, key, Buffer.from(signature, "base64url"))).toBe(true);
  const { iss, sub, exp, iat } = decoded(claims);
  expect({ iss, sub, life: exp - iat }).toEqual({ iss: "https://api.workos.com", sub: userId, life: 300 });
  const certificate = new X509Certificate(Buffer.from(jwk.x5c[0], "base64"));
  expect(certificate.verify(key)).toBe(true);
  const fingerprint = Buffer.from(certificate.fingerprint256.replaceAll(":", ""), "hex");
  expect(jwk["x5t#S256"]).toBe(fingerprint.toString("base64url"));
});

test("another client has no keys here", async () => {
  const { double } = await startWithAda();
  expect((await fetch(`${double.url}/sso/jwks/client_other`)).status).toBe(404);
});

test("WorkOS's own SDK signs in", async () => {
  const { double, userId } = await startWithAda();
  const { key, clientId, port } = double;
  const workos = new WorkOS(key, { apiHostname: "127.0.0.1", port, https: false, clientId });
  const { user } = await workos.userManagement.authenticateWithPassword({
    clientId,
    email: ada.email,
    password: PASSWORD,
  });
  expect(user).toMatchObject({ id: userId, lastSignInAt: expect.any(String) });
});

test.each([
  ["a wrong password", { password: "correct horsE" }],
  ["nobody's address", { email: "nobody@example.com" }],
])("answers alike for %s", async (_, fields) => {
  const { double, signIn, userId } = await startWithAda();
  expect(await signIn(fields)).toMatchObject({
    status: 400,
    body: { code: "invalid_credentials", message: "Invalid credentials." },
  });
  expect(double.users.get(userId)?.last_sign_in_at).toBe(null);
});

test("someone without a password does not sign in with any", async () => {
  const { double, signIn } = await startWithAda();
  double.seed([{ email: "bob@example.com", email_verified: true }]);
  for (const password of ["", PASSWORD])
    expect((await signIn({ email: "bob@example.com", password })).body.code).toBe("invalid_credentials");
});

test.each([
  ["client", { client_id: "client_other" }],
  ["secret", { client_secret: "sk_other" }],
])("refuses another %s", async (_, fields) => {
  const { signIn } = await startWithAda();
  expect(await signIn(fields)).toMatchObject({ status: 400, body: { error: "invalid_client" } });
});

test("an unverified address has to be verified first", async () => {
  const { double, signIn } = await startWithAda();
  const bob = double.seed([{ email: "bob@example.com" }])[0]?.id ?? "";
  double.setPassword(bob, PASSWORD);
  expect(await signIn({ email: "bob@example.com" })).toMatchObject({
    status: 403,
    body: { code: "email_verification_required", pending_authentication_token: expect.any(String) },
  });
  expect(double.users.get(bob)?.last_sign_in_at).toBe(null);
});

test("a second factor is asked for, and only with the right password", async () => {
  const { double, signIn, userId } = await startWithAda();
  double.setMfa(userId, true);
  expect(await signIn()).toMatchObject({
    status: 403,
    body: { code: "mfa_challenge", authentication_factors: [{ type: "totp" }] },
  });
  expect((await signIn({ password: "wrong" })).body.code).toBe("invalid_credentials");
  double.setMfa(userId, false);
  expect((await signIn()).status).toBe(200);
});

test("an environment that requires a second factor asks to set one up", async () => {
  const { signIn } = await startWithAda({ mfaRequired: true });
  expect(await signIn()).toMatchObject({ status: 403, body: { code: "mfa_enrollment" } });
});

test("a member of one organization signs in to it, a member of two has to choose", async () => {
  const { signIn, join } = await startWithAda();
  const foo = await join("Foo");
  const { body } = await signIn();
  expect(body.organization_id).toBe(foo);
  expect(decoded(body.access_token.split(".")[1]).org_id).toBe(foo);
  const bar = await join("Bar");
  expect(await signIn()).toMatchObject({
    status: 403,
    body: {
      code: "organization_selection_required",
      organizations: [
        { id: foo, name: "Foo" },
        { id: bar, name: "Bar" },
      ],
    },
  });
});

test("passwords that are turned off sign nobody in", async () => {
  const { signIn } = await startWithAda({ passwordResets: "email_password_auth_disabled" });
  expect(await signIn()).toMatchObject({ status: 403, body: { code: "email_password_auth_disabled" } });
});

test("an address takes ten tries a minute, another is not touched by it", async () => {
  const { double, signIn } = await startWithAda();
  const bob = double.seed([{ email: "bob@example.com", email_verified: true }])[0]?.id ?? "";
  double.setPassword(bob, PASSWORD);
  const statuses: number[] = [];
  for (let n = 0; n < 10; n += 1) statuses.push((await signIn({ password: "wrong" })).status);
  expect(new Set(statuses)).toEqual(new Set([400]));
  expect(await signIn()).toMatchObject({ status: 429, body: { error: "too_many_requests" } });
  expect((await signIn({ email: "bob@example.com" })).status).toBe(200);
});

test.each([{ grant_type: "refresh_token" }, { password: undefined }, { unknown: 1 }])(
  "refuses %j",
  async (fields) => {
    const { signIn } = await startWithAda();
    expect(await signIn(fields)).toMatchObject({
      status: 422,
      body: { code: "invalid_request_parameters" },
    });
  },
);

function decoded(part = "") {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}
