import type { Pool } from "../pool/pool.ts";
import type { Options } from "./options.ts";

/** Domains of AWS's partitions by how their regions begin (the SDK's endpoint rules); all others are AWS's main one. */
const DOMAINS: readonly [begins: string, domain: string][] = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
];

export function issuerOf(
  { region, poolId }: Pool,
  { tokenIssuer }: Pick<Options, "tokenIssuer">,
  origin: string,
): string {
  if (tokenIssuer === "own") return `${origin}/${poolId}`;
  const [, domain = "amazonaws.com"] = DOMAINS.find(([begins]) => region.startsWith(begins)) ?? [];
  const prefix = tokenIssuer === "aws_updated" ? "issuer-" : "";
  return `https://${prefix}cognito-idp.${region}.${domain}/${poolId}`;
}

/** "Discovery" (developer guide, "OIDC and SAML provider endpoints"), as shown in dexidp/dex#965. */
export function discoveryDocument(issuer: string) {
  return {
    authorization_endpoint: issuer,
    id_token_signing_alg_values_supported: ["RS256"],
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ["code", "token"],
    scopes_supported: ["openid", "email", "phone", "profile"],
    subject_types_supported: ["public"],
  };
}
