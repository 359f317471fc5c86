import fc from "fast-check";
import { expect, test } from "vitest";
import { parseIdentities } from "../../src/cognito/identities.ts";

const identity = fc.record({ provider: fc.string({ minLength: 1 }), userId: fc.string({ minLength: 1 }) });
/** What AWS writes beside the key, in its several ways. */
const extras = fc.record(
  {
    providerType: fc.constantFrom("Google", "SAML", "OIDC"),
    issuer: fc.constantFrom(null, "https://issuer.example"),
    primary: fc.oneof(fc.boolean(), fc.constantFrom("true", "false")),
    dateCreated: fc.oneof(fc.nat(), fc.nat().map(String)),
  },
  { requiredKeys: [] },
);
const written = fc.tuple(identity, extras).map(([{ provider, userId }, more]) => ({
  identity: { provider, userId },
  entry: { ...more, providerName: provider, userId },
}));

test("reads back every identity that AWS can write", () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 5 }), (list) => {
      const text = JSON.stringify(list.map(({ entry }) => entry));
      const identities = list.map(({ identity }) => identity);
      expect(parseIdentities(text)).toEqual({ identities, identitiesBroken: false });
    }),
  );
});

test("never throws and marks what is no list", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => json.slice(1)),
      ),
      (text) => {
        const { identities, identitiesBroken } = parseIdentities(text);
        if (!identitiesBroken) expect(JSON.parse(text)).toHaveLength(identities.length);
      },
    ),
  );
});

test("keeps the readable entries beside a broken one", () => {
  const text = JSON.stringify([{ providerName: "Google", userId: "1" }, { providerName: "Google" }, 7]);
  expect(parseIdentities(text)).toEqual({
    identities: [{ provider: "Google", userId: "1" }],
    identitiesBroken: true,
  });
});

test("a user without the attribute has no identities", () => {
  expect(parseIdentities(undefined)).toEqual({ identities: [], identitiesBroken: false });
});
