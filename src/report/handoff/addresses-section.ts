import {
  type AddressSet,
  COGNITO_ADDRESSES,
  type CognitoAddress,
  type Successor,
} from "../../destinations/hand-over.ts";
import { markdownCode as code, markdownProse as prose, markdownText as text } from "../../domain/markdown.ts";
import type { Migration } from "../../domain/migration.ts";
import type { PoolShape } from "../../domain/pool.ts";
import type { HandOffInput } from "./input.ts";
import { list, table } from "./markdown.ts";

/** Which of the pool's addresses becomes which. */
export function addressesSection({ migration, setUp, vendor }: HandOffInput): string {
  const { source } = migration.file;
  const sets = vendor.handOver.addressSets(migration.environment);
  const known = cognitoAddresses(source, setUp.shape);
  const rows = COGNITO_ADDRESSES.flatMap((address) => {
    const url = known[address];
    return url === undefined
      ? []
      : [[code(url), ...sets.map((set) => successorText(set.successors[address]))]];
  });
  const [base, other] = domains(source, setUp.shape);
  return [
    "## Addresses",
    list(sets.map(useText)),
    ...(base === undefined ? ["The pool has no domain: applications know its issuer alone."] : []),
    table(["Cognito", ...sets.map(({ title }) => text(title))], rows),
    ...(other === undefined ? [] : [`${code(other)} leads to the same as ${code(base ?? "")}.`]),
  ].join("\n\n");
}

/** A domain of the customer's own comes first. */
function domains({ region }: Migration["source"], shape: PoolShape | null): string[] {
  const own = shape?.customDomain ? [`https://${shape.customDomain}`] : [];
  const hosted = shape?.domain ? [`https://${shape.domain}.auth.${region}.amazoncognito.com`] : [];
  return [...own, ...hosted];
}

/** Cognito Developer Guide, "User pool endpoints and managed login reference"; those of a domain only with one. */
function cognitoAddresses(
  source: Migration["source"],
  shape: PoolShape | null,
): Partial<Record<CognitoAddress, string>> {
  const [base] = domains(source, shape);
  return {
    ...(base !== undefined && {
      authorize: `${base}/oauth2/authorize`,
      login: `${base}/login`,
      token: `${base}/oauth2/token`,
      userInfo: `${base}/oauth2/userInfo`,
      logout: `${base}/logout`,
      revoke: `${base}/oauth2/revoke`,
    }),
    ...(shape !== null && {
      issuer: shape.issuer,
      openidConfiguration: `${shape.issuer}/.well-known/openid-configuration`,
      jwks: `${shape.issuer}/.well-known/jwks.json`,
    }),
  };
}

function useText({ title, use }: AddressSet): string {
  return `**${text(title)}**: ${prose(use)}`;
}

function successorText({ address, note }: Successor): string {
  const notes = note === undefined ? [] : [prose(note)];
  return address === null ? ["none", ...notes].join(": ") : [code(address), ...notes].join(", ");
}
