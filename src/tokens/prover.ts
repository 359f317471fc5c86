import type { Claims, Issuer, RefusedToken, TokenUse } from "./answers.ts";

/** Proves tokens of one issuer, with that issuer's keys only. */
export interface Prover {
  issuer: Issuer;
  /** The values of `iss` that are its own. */
  addresses: readonly string[];
  /** `keyId` is the `kid` of the token. */
  prove(token: string, keyId: string): Promise<Proof | RefusedToken>;
}

export interface Proof {
  ok: true;
  use: TokenUse;
  claims: Claims;
}

export function listOf(value: string | readonly string[]): string[] {
  return typeof value === "string" ? [value] : [...value];
}
