import { exportJWK, exportSPKI, SignJWT } from "jose";
import { expect, test } from "vitest";
import { forge, inSeconds, keyPair, sign, signRaw } from "./issuer.ts";
import {
  APPLICATION,
  cognitoAccess,
  cognitoId,
  connectAccess,
  connectId,
  connectKey,
  ENVIRONMENT,
  type Kind,
  rig,
  session,
  sessionKey,
} from "./rig.ts";

const kinds: Record<string, Kind> = {
  "a Cognito access token": cognitoAccess,
  "a Cognito ID token": cognitoId,
  "a WorkOS session": session,
  "a Connect access token": connectAccess,
  "a Connect ID token": connectId,
};
const eachKind = Object.entries(kinds).map(([name, kind]) => ({ name, kind }));

test.each(eachKind)("$name that has expired is refused", async ({ kind }) => {
  const { verifier } = await rig();
  const token = await sign({ ...kind.claims(), exp: inSeconds(-60) }, kind.key);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "expired" });
});

test.each(eachKind)("$name from the future is refused", async ({ kind }) => {
  const { verifier } = await rig();
  const token = await sign({ ...kind.claims(), nbf: inSeconds(60) }, kind.key);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "not_yet_valid" });
});

test.each(eachKind)("$name that never ends is refused", async ({ kind }) => {
  const { verifier } = await rig();
  const { exp: _, ...claims } = kind.claims();
  expect(await verifier.verify(await sign(claims, kind.key))).toEqual({ ok: false, reason: "malformed" });
});

test.each(eachKind)("$name without a subject is refused", async ({ kind }) => {
  const { verifier } = await rig();
  const token = await sign({ ...kind.claims(), sub: "" }, kind.key);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "malformed" });
});

test.each(eachKind)("$name whose claims were changed is refused", async ({ kind }) => {
  const { verifier } = await rig();
  const [head, , signature] = (await sign(kind.claims(), kind.key)).split(".");
  const body = Buffer.from(JSON.stringify({ ...kind.claims(), sub: "victim" })).toString("base64url");
  const token = `${head}.${body}.${signature}`;
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "bad_signature" });
});

test.each(eachKind)("$name of an issuer nobody named is refused", async ({ kind }) => {
  const { verifier, cognitoKeys, sessionKeys, connectKeys } = await rig();
  const token = await sign({ ...kind.claims(), iss: "https://evil.example.com" }, kind.key);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "unknown_issuer" });
  expect(cognitoKeys.calls + sessionKeys.calls + connectKeys.calls).toBe(0);
});

test.each(eachKind)("$name that says it is not signed is refused", async ({ kind }) => {
  const { verifier } = await rig();
  for (const alg of ["none", "None", "NONE"]) {
    const token = forge({ alg, kid: kind.key.kid }, kind.claims());
    expect(await verifier.verify(token)).toEqual({ ok: false, reason: "wrong_algorithm" });
  }
});

test.each(eachKind)("$name signed with the public key as a shared secret is refused", async ({ kind }) => {
  const { verifier } = await rig();
  for (const secret of [
    await exportSPKI(kind.key.publicKey),
    (await exportJWK(kind.key.publicKey)).n ?? "",
  ]) {
    const token = await new SignJWT(kind.claims())
      .setProtectedHeader({ alg: "HS256", kid: kind.key.kid })
      .sign(Buffer.from(secret));
    expect(await verifier.verify(token)).toEqual({ ok: false, reason: "wrong_algorithm" });
  }
});

test("another RSA algorithm is refused, although the key could have signed it", async () => {
  const { verifier } = await rig();
  for (const alg of ["RS384", "RS512", "PS256"]) {
    const token = forge({ alg, kid: session.key.kid }, session.claims(), "c2lnbmF0dXJl");
    expect(await verifier.verify(token)).toEqual({ ok: false, reason: "wrong_algorithm" });
  }
});

test.each([
  { name: "Cognito's", kind: cognitoAccess, signedBy: sessionKey },
  { name: "a session's", kind: session, signedBy: cognitoAccess.key },
  { name: "a session's, by Connect", kind: session, signedBy: connectKey },
  { name: "Connect's", kind: connectAccess, signedBy: sessionKey },
])("the other issuer's key proves nothing: $name", async ({ kind, signedBy }) => {
  const { verifier } = await rig();
  const plain = await sign(kind.claims(), signedBy);
  expect(await verifier.verify(plain)).toEqual({ ok: false, reason: "unknown_key" });
  const disguised = await sign(kind.claims(), { ...signedBy, kid: kind.key.kid });
  expect(await verifier.verify(disguised)).toEqual({ ok: false, reason: "bad_signature" });
});

test("keys and addresses that a token brings along are not used", async () => {
  const { verifier, cognitoKeys } = await rig();
  const evil = await keyPair("evil");
  const token = await new SignJWT(cognitoAccess.claims())
    .setProtectedHeader({
      alg: "RS256",
      kid: "evil",
      jwk: await exportJWK(evil.publicKey),
      jku: cognitoKeys.address,
    })
    .sign(evil.privateKey);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "unknown_key" });
});

test.each([
  { name: "a Cognito access token", kind: cognitoAccess, claims: { client_id: "another" } },
  { name: "a Cognito access token without client", kind: cognitoAccess, claims: { client_id: undefined } },
  { name: "a Cognito ID token", kind: cognitoId, claims: { aud: "another" } },
  { name: "a Cognito ID token without audience", kind: cognitoId, claims: { aud: undefined } },
  { name: "a WorkOS session for another audience", kind: session, claims: { aud: "another" } },
  { name: "a WorkOS session of another client", kind: session, claims: { client_id: APPLICATION } },
  { name: "a Connect access token", kind: connectAccess, claims: { client_id: "another" } },
  { name: "a Connect access token for another resource", kind: connectAccess, claims: { aud: "another" } },
  { name: "a Connect access token without audience", kind: connectAccess, claims: { aud: undefined } },
  { name: "a Connect ID token", kind: connectId, claims: { aud: "another" } },
  { name: "a Connect ID token for the environment", kind: connectId, claims: { aud: ENVIRONMENT } },
])("$name, but somebody else's, is refused", async ({ kind, claims }) => {
  const { verifier } = await rig();
  const token = await sign({ ...kind.claims(), ...claims }, kind.key);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "wrong_audience" });
});

test.each([
  {
    name: "Cognito's access tokens",
    changes: { cognito: { tokenUse: "access" } },
    no: cognitoId,
    yes: cognitoAccess,
  },
  {
    name: "Cognito's ID tokens",
    changes: { cognito: { tokenUse: "id" } },
    no: cognitoAccess,
    yes: cognitoId,
  },
  {
    name: "WorkOS's access tokens",
    changes: { destination: { tokenUse: "access" } },
    no: connectId,
    yes: connectAccess,
  },
  { name: "WorkOS's ID tokens", changes: { destination: { tokenUse: "id" } }, no: session, yes: connectId },
] as const)("where only $name are wanted, no others pass", async ({ changes, no, yes }) => {
  const { verifier } = await rig(changes);
  expect(await verifier.verify(await sign(no.claims(), no.key))).toEqual({ ok: false, reason: "wrong_use" });
  expect(await verifier.verify(await sign(yes.claims(), yes.key))).toMatchObject({ ok: true });
});

test("a token for neither use of Cognito is refused", async () => {
  const { verifier } = await rig();
  const token = await sign({ ...cognitoAccess.claims(), token_use: "refresh" }, cognitoAccess.key);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "wrong_use" });
});

test("what WorkOS signed for something else than a session is refused", async () => {
  const { verifier } = await rig();
  const { sid: _, ...claims } = session.claims();
  expect(await verifier.verify(await sign(claims, session.key))).toEqual({ ok: false, reason: "wrong_use" });
});

const LOGOUT = { events: { "http://schemas.openid.net/event/backchannel-logout": {} } };

test.each(eachKind)(
  "$name that tells of a logout is refused, by its type or what it says",
  async ({ kind }) => {
    const { verifier } = await rig();
    const { nonce: _, ...claims } = kind.claims();
    const tokens = [
      await sign({ ...claims, ...LOGOUT }, kind.key, "logout+jwt"),
      await sign({ ...claims, ...LOGOUT }, kind.key),
      await sign(claims, kind.key, "logout+jwt"),
      await sign(claims, kind.key, "application/Logout+JWT"),
    ];
    for (const token of tokens)
      expect(await verifier.verify(token)).toEqual({ ok: false, reason: "wrong_use" });
  },
);

test.each(["secevent+jwt", "dpop+jwt", "JWE", "", "constructor"])(
  "a token of the type %j is refused",
  async (typ) => {
    const { verifier } = await rig();
    for (const { kind } of eachKind)
      expect(await verifier.verify(await sign(kind.claims(), kind.key, typ))).toEqual({
        ok: false,
        reason: "wrong_use",
      });
  },
);

test("an ID token that is said to be an access token is refused", async () => {
  const { verifier } = await rig();
  for (const kind of [cognitoId, connectId])
    expect(await verifier.verify(await sign(kind.claims(), kind.key, "at+jwt"))).toEqual({
      ok: false,
      reason: "wrong_use",
    });
});

const ABSURD = [1e308, -1e308, Number.MAX_VALUE, 8.64e12 + 1, "NaN", "9", null, [], {}, true];
test.each(eachKind)("$name with an absurd time is malformed", async ({ kind }) => {
  const { verifier } = await rig();
  const header = { alg: "RS256", kid: kind.key.kid };
  for (const claim of ["exp", "nbf", "iat"])
    for (const value of ABSURD) {
      const token = await signRaw(header, { ...kind.claims(), [claim]: value }, kind.key);
      expect(await verifier.verify(token), `${claim} ${value}`).toEqual({ ok: false, reason: "malformed" });
    }
});

test.each(eachKind)("$name that ended before 1970, or begins in ages, is told as that", async ({ kind }) => {
  const { verifier } = await rig();
  const ended = await sign({ ...kind.claims(), exp: -8.64e12 }, kind.key);
  expect(await verifier.verify(ended)).toEqual({ ok: false, reason: "expired" });
  const early = await sign({ ...kind.claims(), nbf: 8.64e12 }, kind.key);
  expect(await verifier.verify(early)).toEqual({ ok: false, reason: "not_yet_valid" });
});

test.each([
  { name: "nothing", token: "" },
  { name: "no JWT", token: "not a token" },
  { name: "two parts", token: "eyJhbGciOiJSUzI1NiJ9.e30" },
  { name: "an encrypted token", token: "a.b.c.d.e" },
  { name: "parts that are no JSON", token: "bm8.bm8.bm8" },
  { name: "parts that are lists", token: forge([], []) },
  { name: "parts that are null", token: "bnVsbA.bnVsbA.bnVsbA" },
  { name: "line ends", token: `${forge({ alg: "RS256", kid: "1" }, session.claims())}\n` },
  { name: "no kid", token: forge({ alg: "RS256" }, session.claims(), "c2ln") },
  { name: "a kid that is no text", token: forge({ alg: "RS256", kid: 1 }, session.claims(), "c2ln") },
  {
    name: "an issuer that is a list",
    token: forge({ alg: "RS256", kid: "1" }, { ...session.claims(), iss: [""] }),
  },
  {
    name: "an end that is a text",
    token: forge({ alg: "RS256", kid: "1" }, { ...session.claims(), exp: "9" }),
  },
  {
    name: "a type that is no text",
    token: forge({ alg: "RS256", kid: "1", typ: ["JWT"] }, session.claims(), "c2ln"),
  },
  {
    name: "an extension that must be understood",
    token: forge({ alg: "RS256", kid: "1", crit: ["b64"], b64: false }, session.claims(), "c2ln"),
  },
])("$name is malformed", async ({ token }) => {
  const { verifier } = await rig();
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "malformed" });
});

test.each([
  { name: "Cognito", kind: cognitoAccess },
  { name: "WorkOS", kind: session },
])("a well-signed token of $name with a time that is a text is malformed", async ({ kind }) => {
  const { verifier } = await rig();
  const token = await sign({ ...kind.claims(), nbf: undefined }, kind.key);
  const bad = new SignJWT({ ...kind.claims(), ...JSON.parse('{"nbf":"soon"}') });
  const signed = await bad.setProtectedHeader({ alg: "RS256", kid: kind.key.kid }).sign(kind.key.privateKey);
  expect(await verifier.verify(token)).toMatchObject({ ok: true });
  expect(await verifier.verify(signed)).toEqual({ ok: false, reason: "malformed" });
});

test("a token of 10 MB is refused at once, although it is well signed", async () => {
  const { verifier, sessionKeys } = await rig();
  const token = await sign({ ...session.claims(), filling: "x".repeat(10_000_000) }, session.key);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "malformed" });
  expect(sessionKeys.calls).toBe(0);
});

test("a value that is no text is malformed", async () => {
  const { verifier } = await rig();
  for (const value of [undefined, null, 1, {}, []]) {
    // Callers in JavaScript can do this.
    const token = value as unknown as string;
    expect(await verifier.verify(token)).toEqual({ ok: false, reason: "malformed" });
  }
});

test("names from an object's prototype are ordinary claims", async () => {
  const { verifier } = await rig();
  const claims = JSON.parse(`{"__proto__":{"sid":"x"},"constructor":"x"}`);
  const token = await sign({ ...session.claims(), sid: undefined, ...claims }, session.key);
  expect(await verifier.verify(token)).toEqual({ ok: false, reason: "wrong_use" });
  const issuer = forge({ alg: "RS256", kid: "1" }, { ...session.claims(), iss: "__proto__" }, "c2ln");
  expect(await verifier.verify(issuer)).toEqual({ ok: false, reason: "unknown_issuer" });
});
