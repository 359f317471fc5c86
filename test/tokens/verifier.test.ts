import { expect, test } from "vitest";
import { createTokenVerifier, type TokenVerifierOptions } from "../../src/tokens/index.ts";
import { sign } from "./issuer.ts";
import {
  APP_CLIENT,
  APPLICATION,
  AUTHKIT,
  COGNITO,
  cognitoAccess,
  cognitoId,
  connectAccess,
  connectId,
  ENVIRONMENT,
  type Kind,
  POOL,
  rig,
  SUB,
  session,
  USER,
} from "./rig.ts";

const idMap = async (sub: string) => (sub === SUB ? USER : null);

test.each([
  { kind: cognitoAccess, issuer: "cognito", use: "access", subject: SUB },
  { kind: cognitoId, issuer: "cognito", use: "id", subject: SUB },
  { kind: session, issuer: "workos", use: "access", subject: USER },
  { kind: connectAccess, issuer: "workos", use: "access", subject: USER },
  { kind: connectId, issuer: "workos", use: "id", subject: USER },
])("an $use token of $issuer is verified and leads to the person's new id", async ({ kind, ...expected }) => {
  const { verifier } = await rig({ idMap });
  const claims = kind.claims();
  const answer = await verifier.verify(await sign(claims, kind.key));
  expect(answer).toEqual({ ok: true, ...expected, userId: USER, claims });
});

test("someone of Cognito who has not moved has no new id", async () => {
  const { verifier } = await rig({ idMap });
  const token = await sign({ ...cognitoAccess.claims(), sub: "another" }, cognitoAccess.key);
  expect(await verifier.verify(token)).toMatchObject({ ok: true, subject: "another", userId: null });
});

test("without an id map nobody of Cognito has a new id", async () => {
  const { verifier } = await rig();
  const token = await sign(cognitoAccess.claims(), cognitoAccess.key);
  expect(await verifier.verify(token)).toMatchObject({ ok: true, userId: null });
});

test.each([
  { name: "Cognito", kind: cognitoAccess, client: APP_CLIENT },
  { name: "Connect", kind: connectAccess, client: APPLICATION },
])("a machine of $name is nobody, and no id map is asked", async ({ kind, client }) => {
  const asked: string[] = [];
  const { verifier } = await rig({
    idMap: async (sub) => {
      asked.push(sub);
      return USER;
    },
  });
  const token = await sign({ ...kind.claims(), sub: client }, kind.key);
  expect(await verifier.verify(token)).toMatchObject({ ok: true, subject: client, userId: null });
  expect(asked).toEqual([]);
});

test("an id map that fails is no refusal", async () => {
  const { verifier } = await rig({ idMap: () => Promise.reject(new Error("no database")) });
  const token = await sign(cognitoAccess.claims(), cognitoAccess.key);
  await expect(verifier.verify(token)).rejects.toThrow("no database");
});

test.each([
  `https://issuer-cognito-idp.eu-west-1.amazonaws.com/${POOL}`,
  "https://api.workos.com",
  "https://api.workos.com/",
])("the issuer %s is accepted", async (iss) => {
  const { verifier } = await rig();
  const kind: Kind = iss.includes("cognito") ? cognitoAccess : session;
  expect(await verifier.verify(await sign({ ...kind.claims(), iss }, kind.key))).toMatchObject({ ok: true });
});

test("an issuer of one's own takes the place of the API's", async () => {
  const own = "https://auth.example.com";
  const { verifier } = await rig({ destination: { issuer: own } });
  const mine = await sign({ ...session.claims(), iss: own }, session.key);
  const other = await sign(session.claims(), session.key);
  expect(await verifier.verify(mine)).toMatchObject({ ok: true });
  expect(await verifier.verify(other)).toEqual({ ok: false, reason: "unknown_issuer" });
});

test.each([
  ["China", "cn-north-1", "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEfGhI"],
  ["Europe", "eusc-de-east-1", "https://cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_AbCdEfGhI"],
])("a pool of AWS's partition in %s is verified by the issuer that it names", async (_, region, iss) => {
  const userPoolId = `${region}_AbCdEfGhI`;
  const { verifier } = await rig({ cognito: { region, userPoolId, issuer: iss } });
  for (const kind of [cognitoAccess, cognitoId]) {
    const theirs = await sign({ ...kind.claims(), iss }, kind.key);
    expect(await verifier.verify(theirs)).toMatchObject({ ok: true, issuer: "cognito" });
    const other = await sign({ ...kind.claims(), iss: iss.replace("_AbCdEfGhI", "_Another") }, kind.key);
    expect(await verifier.verify(other)).toEqual({ ok: false, reason: "unknown_issuer" });
  }
});

test("a pool's own issuers take the place of the usual ones", async () => {
  const issuer = ["https://login.example.com/a", "https://login.example.com/b"];
  const { verifier } = await rig({ cognito: { issuer } });
  for (const iss of issuer)
    expect(await verifier.verify(await sign({ ...cognitoId.claims(), iss }, cognitoId.key))).toMatchObject({
      ok: true,
    });
  const usual = await sign(cognitoId.claims(), cognitoId.key);
  expect(await verifier.verify(usual)).toEqual({ ok: false, reason: "unknown_issuer" });
});

test.each(["JWT", "jwt", "application/jwt", "at+jwt", "application/AT+JWT"])(
  "an access token of the type %s is verified",
  async (typ) => {
    const { verifier } = await rig();
    for (const kind of [cognitoAccess, session, connectAccess])
      expect(await verifier.verify(await sign(kind.claims(), kind.key, typ))).toMatchObject({
        use: "access",
      });
  },
);

test("several clients are accepted where several are named", async () => {
  const { verifier } = await rig({ cognito: { clientId: ["another", APP_CLIENT] } });
  const token = await sign(cognitoId.claims(), cognitoId.key);
  expect(await verifier.verify(token)).toMatchObject({ ok: true });
});

test("an audience that is named is accepted, and then asked for", async () => {
  const { verifier } = await rig({ destination: { audience: "https://api.example.com" } });
  const verify = async (kind: Kind, claims: object) =>
    (await verifier.verify(await sign({ ...kind.claims(), ...claims }, kind.key))).ok;
  expect(await verify(session, { aud: "https://api.example.com" })).toBe(true);
  expect(await verify(session, { aud: ["elsewhere", ENVIRONMENT] })).toBe(true);
  expect(await verify(session, {})).toBe(false);
  expect(await verify(connectAccess, { aud: "https://api.example.com" })).toBe(true);
});

test("a token that ended less than the tolerance ago still counts", async () => {
  const { verifier } = await rig({ clockToleranceSeconds: 120 });
  for (const kind of [cognitoAccess, session]) {
    const claims = kind.claims();
    const token = await sign(
      { ...claims, exp: (claims.iat ?? 0) - 60, nbf: (claims.iat ?? 0) + 60 },
      kind.key,
    );
    expect(await verifier.verify(token)).toMatchObject({ ok: true });
  }
});

const cognito = { region: "eu-west-1", userPoolId: POOL, clientId: APP_CLIENT };
const destination = { kind: "workos", clientId: ENVIRONMENT } as const;

test("options that do not go together are refused at once", () => {
  expect(() => createTokenVerifier({ cognito: { ...cognito, region: "us-east-1" }, destination })).toThrow(
    "is not in us-east-1",
  );
  expect(() =>
    createTokenVerifier({ cognito, destination: { ...destination, issuer: [AUTHKIT, COGNITO] } }),
  ).toThrow(`The issuer ${COGNITO} is named twice.`);
});

test.each([
  ...[Number.NaN, Number.POSITIVE_INFINITY, -1, 601, "30"].map((value) => ({ clockToleranceSeconds: value })),
  ...[Number.NaN, Number.POSITIVE_INFINITY, -1, 0, "5000"].map((value) => ({ keys: { timeoutMs: value } })),
  { keys: { cooldownMs: Number.NaN } },
  { keys: { maxAgeMs: Number.NaN } },
  { keys: { maxAge: 1_000 } },
  ...[[], "", [""], null, undefined].map((clientId) => ({ cognito: { ...cognito, clientId } })),
  ...["", "acess"].map((tokenUse) => ({ cognito: { ...cognito, tokenUse } })),
  { cognito: { ...cognito, tokenuse: "access" } },
  { cognito: { ...cognito, userPoolId: "eu-west-1_" } },
  { destination: { ...destination, tokenUse: "acess" } },
  { destination: { ...destination, kind: "auth0" } },
  { destination: { ...destination, connect: { issuer: AUTHKIT, clientId: [] } } },
  { idMap: {} },
  { clockTolerance: 30 },
])("an option that would let in what should stay out is refused at once: %j", (wrong) => {
  const options = { cognito, destination, ...wrong } as unknown as TokenVerifierOptions;
  expect(() => createTokenVerifier(options)).toThrow(TypeError);
  expect(() => createTokenVerifier(options)).toThrow(/^Options of createTokenVerifier: [\w.]* ?\w.* .*\.$/);
});

test("an option that is undefined is as one that was left out", async () => {
  const keys = { cooldownMs: undefined, maxAgeMs: undefined, timeoutMs: undefined };
  const options = { clockToleranceSeconds: undefined, keys, idMap: undefined } as object;
  const { verifier } = await rig(options);
  expect(await verifier.verify(await sign(session.claims(), session.key))).toMatchObject({ ok: true });
});

test("keys are not fetched without TLS from another machine", () => {
  const jwksUri = "http://keys.example.com/jwks.json";
  expect(() => createTokenVerifier({ cognito: { ...cognito, jwksUri }, destination })).toThrow(
    "https:// only",
  );
  expect(() => createTokenVerifier({ cognito, destination: { ...destination, jwksUri } })).toThrow(TypeError);
});
