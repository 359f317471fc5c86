import fc from "fast-check";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { requireToken, type TokenEnv } from "../../src/tokens/hono.ts";
import { REFUSALS } from "../../src/tokens/index.ts";
import { type DoubleEnv, serve } from "../doubles/shared/serve.ts";
import { forge, keyPair, sign, signRaw } from "./issuer.ts";
import { cognitoAccess, cognitoId, connectAccess, connectId, rig, session } from "./rig.ts";

/** Tokens that nobody means well with: each gets an answer, and none lets anybody in. */

const KINDS = [cognitoAccess, cognitoId, session, connectAccess, connectId];
const anyKind = fc.constantFrom(...KINDS);
const CLAIMS = [
  "iss",
  "sub",
  "aud",
  "exp",
  "nbf",
  "iat",
  "client_id",
  "token_use",
  "sid",
  "events",
  "__proto__",
];
/** What JSON can hold, with what libraries stumble over. */
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(1e308, -1e308, -0, 2 ** 53, "NaN", "\ud800", "\0", "", "__proto__", [], {}, [[]]),
  fc.integer({ min: 1, max: 4_000 }).map((depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth))),
);

/** A claim of this name, not the object's prototype. */
function withClaim(claims: object, name: string, value: unknown): object {
  return Object.defineProperty({ ...claims }, name, { value, enumerable: true });
}

test("any text gets an answer, and none is let in", async () => {
  const { verifier } = await rig();
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(fc.base64String({ maxLength: 60 }), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join(".")),
    fc.tuple(fc.jsonValue(), fc.jsonValue()).map(([head, body]) => forge([head], [body], "c2ln")),
  );
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const answer = await verifier.verify(text);
      expect(answer.ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("any claims that the issuer itself signed get an answer", async () => {
  const { verifier } = await rig();
  await fc.assert(
    fc.asyncProperty(anyKind, fc.constantFrom(...CLAIMS), anyValue, async (kind, name, value) => {
      const header = { alg: "RS256", kid: kind.key.kid };
      const answer = await verifier.verify(
        await signRaw(header, withClaim(kind.claims(), name, value), kind.key),
      );
      expect(answer.ok || answer.reason in REFUSALS).toBe(true);
    }),
    { numRuns: 500 },
  );
});

const SEED = 22;
const TOKENS = 1_000;

test("1,000 hostile tokens are refused with a 401 or a 503 each, and no id map is asked", async () => {
  const asked: string[] = [];
  const made = await rig({
    idMap: async (sub) => {
      asked.push(sub);
      return null;
    },
  });
  const app = new Hono<DoubleEnv & TokenEnv>();
  app.use(requireToken(made.verifier));
  app.get("/me", (c) => c.json({ let: "in" }));
  const server = await serve(new Hono<DoubleEnv>().route("/", app));
  onTestFinished(() => server.close());

  const statuses = new Map<number, number>();
  for (const token of await hostileTokens()) {
    expect(await made.verifier.verify(token), token.slice(0, 400)).toMatchObject({ ok: false });
    const authorization = `Bearer ${token}`;
    const sendable = /^[\x21-\x7e]{1,15000}$/.test(token);
    if (!sendable) continue;
    const { status } = await fetch(`${server.url}/me`, { headers: { authorization } });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  // Of a key id that somebody made up nobody can tell, until the keys may be fetched again.
  expect([...statuses.keys()].filter((status) => status !== 503)).toEqual([401]);
  expect(statuses.get(401)).toBeGreaterThan(TOKENS / 2);
  expect(asked).toEqual([]);
});

/** Each is wrong in one way at least: another signature, header, claim, time or shape. */
async function hostileTokens(): Promise<string[]> {
  const stranger = await keyPair("cognito-1");
  const claimsOf = (kind: (typeof KINDS)[number]) => kind.claims();
  const signedBy = (kind: (typeof KINDS)[number], header: object, claims: object, key = kind.key) =>
    signRaw({ alg: "RS256", kid: kind.key.kid, ...header }, claims, key);
  const attacks: fc.Arbitrary<Promise<string>>[] = [
    anyKind.map((kind) => signedBy(kind, {}, claimsOf(kind), stranger)),
    fc
      .tuple(anyKind, fc.constantFrom("none", "None", "HS256", "RS512", "PS256", "ES256", "", "rs256"))
      .map(([kind, alg]) => signedBy(kind, { alg }, claimsOf(kind))),
    fc
      .tuple(anyKind, fc.constantFrom("logout+jwt", "secevent+jwt", "dpop+jwt", "__proto__", "", "jwt\0"))
      .map(([kind, typ]) => signedBy(kind, { typ }, claimsOf(kind))),
    fc
      .tuple(anyKind, fc.jsonValue(), fc.constantFrom("crit", "kid", "alg"))
      .filter(([kind, value, name]) => name === "crit" || (value !== kind.key.kid && value !== "RS256"))
      .map(([kind, value, name]) => signedBy(kind, { [name]: value }, claimsOf(kind))),
    fc
      .tuple(anyKind, fc.jsonValue())
      .map(([kind, value]) =>
        signedBy(
          kind,
          { jwk: value, jku: "https://evil.example", x5u: "file:///etc" },
          claimsOf(kind),
          stranger,
        ),
      ),
    fc
      .tuple(
        anyKind,
        fc.constantFrom("exp", "nbf", "iat"),
        fc.constantFrom(1e308, -1e308, "9", null, [], 9e15),
      )
      .map(([kind, name, value]) => signedBy(kind, {}, { ...claimsOf(kind), [name]: value })),
    fc
      .tuple(anyKind, fc.constantFrom("iss", "sub", "exp"), anyValue)
      .filter(([, name, value]) => name !== "sub" || typeof value !== "string" || value === "")
      .map(([kind, name, value]) => signedBy(kind, {}, { ...claimsOf(kind), [name]: value })),
    fc
      .tuple(
        anyKind,
        fc.constantFrom("https://evil.example", "__proto__", "", "https://api.workos.com.evil.example"),
      )
      .map(([kind, iss]) => signedBy(kind, {}, { ...claimsOf(kind), iss })),
    // A key of one issuer under the name of another one.
    fc
      .tuple(anyKind, anyKind)
      .filter(([kind, other]) => kind.key.kid !== other.key.kid)
      .map(([kind, other]) => signedBy(kind, {}, claimsOf(other))),
    fc
      .tuple(anyKind, fc.nat(10_000))
      .map(async ([kind, at]) => flipped(await sign(kind.claims(), kind.key), at)),
    fc
      .tuple(anyKind, fc.constantFrom(1, 2, 4, 5))
      .map(async ([kind, parts]) =>
        (await sign(kind.claims(), kind.key)).split(".").concat("e30", "e30").slice(0, parts).join("."),
      ),
    fc
      .tuple(anyKind, fc.integer({ min: 17_000, max: 60_000 }))
      .map(([kind, length]) => signedBy(kind, {}, { ...claimsOf(kind), filling: "x".repeat(length) })),
    fc.string({ unit: "binary", maxLength: 400 }).map(async (text) => text),
    fc.tuple(fc.jsonValue(), fc.jsonValue()).map(async ([head, body]) => forge([head], [body], "c2ln")),
  ];
  return Promise.all(fc.sample(fc.oneof(...attacks), { seed: SEED, numRuns: TOKENS }));
}

/** One character of the signed parts is another one. */
function flipped(token: string, at: number): string {
  const signed = token.lastIndexOf(".");
  const index = at % signed;
  return `${token.slice(0, index)}${token[index] === "A" ? "B" : "A"}${token.slice(index + 1)}`;
}
