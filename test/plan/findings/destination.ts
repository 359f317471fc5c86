import type { Counterpart, KnowsCounterparts } from "../../../src/domain/counterparts.ts";
import type { KnownProvider } from "../../../src/domain/pool.ts";
import type { KnowsStructure } from "../../../src/domain/records.ts";

const MAX_LENGTH = 20;

/** A destination that takes short names, connections for OIDC and SAML, and nothing else. */
export const PICKY: KnowsStructure & KnowsCounterparts = {
  organizationProblems: ({ name, externalId }) => [
    ...(name.length > MAX_LENGTH ? ["its name is too long"] : []),
    ...(externalId.length > MAX_LENGTH ? ["its external id is too long"] : []),
  ],
  roleProblems: ({ slug, name }) => [
    ...(slug.length > MAX_LENGTH ? ["its slug is too long"] : []),
    ...(name.length > MAX_LENGTH ? ["its name is too long"] : []),
  ],
  facts: { takes: { organizations: true, roles: true, applications: true, resets: true } },
  counterpartOf,
};

function counterpartOf({ type }: KnownProvider): Counterpart {
  if (type === "OIDC" || type === "SAML") return { kind: "connection" };
  return { kind: "none", instead: "They sign in by e-mail." };
}
