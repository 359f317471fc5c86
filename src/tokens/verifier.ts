import { type RefusedToken, refused, type VerifiedToken } from "./answers.ts";
import { type CognitoTokens, createCognitoProver } from "./cognito.ts";
import type { IdMap } from "./id-map.ts";
import type { KeyLimits } from "./key-set.ts";
import { checkedLimits } from "./options.ts";
import type { Proof, Prover } from "./prover.ts";
import { readToken } from "./read-token.ts";
import { createWorkosProvers, type WorkosTokens } from "./workos.ts";

export interface TokenVerifierOptions {
  cognito: CognitoTokens;
  destination: WorkosTokens;
  /** Without it `userId` is null for everyone who comes with a token of Cognito's. */
  idMap?: IdMap;
  /** How far the clocks may be apart where `exp` and `nbf` are judged: 600 s at most. Default: 30 s. */
  clockToleranceSeconds?: number;
  /** Default: a cool-down of 30 s, a greatest age of 10 min, a time-out of 5 s. An hour each at most. */
  keys?: Partial<KeyLimits>;
}

export interface TokenVerifier {
  /**
   * Verifies one access or ID token, as it stands behind `Bearer `. Whatever it is given, a refusal is returned; it rejects
   * only when the id map does.
   */
  verify(token: string): Promise<VerifiedToken | RefusedToken>;
}

/**
 * One verifier for the tokens of both issuers. `iss` decides who may prove a token, before anything else in it is
 * believed; then that issuer's keys alone count. Keep one for the whole process: it holds the keys. Throws a TypeError
 * for options that are wrong or do not go together.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { toleranceSeconds, keys } = checkedLimits(options);
  const { cognito, destination, idMap = async () => null } = options;
  const provers = byAddress([
    createCognitoProver(cognito, keys, toleranceSeconds),
    ...createWorkosProvers(destination, keys, toleranceSeconds),
  ]);

  async function toAnswer(prover: Prover, { use, claims }: Proof): Promise<VerifiedToken> {
    // readToken lets no token through without it.
    const subject = String(claims.sub);
    const isMachine = claims.client_id === subject;
    const userIdOf = prover.issuer === "cognito" ? idMap : async () => subject;
    const userId = isMachine ? null : await userIdOf(subject);
    return { ok: true, issuer: prover.issuer, use, subject, userId, claims };
  }

  return {
    async verify(token) {
      const read = readToken(token);
      if (!read.ok) return read;
      const prover = provers.get(read.issuer);
      if (prover === undefined) return refused("unknown_issuer");
      if (read.algorithm !== "RS256") return refused("wrong_algorithm");
      if (read.uses.length === 0) return refused("wrong_use");
      const proof = await prover.prove(token, read.keyId);
      if (!proof.ok) return proof;
      return read.uses.includes(proof.use) ? toAnswer(prover, proof) : refused("wrong_use");
    },
  };
}

function byAddress(provers: readonly Prover[]): Map<string, Prover> {
  const map = new Map<string, Prover>();
  for (const prover of provers)
    for (const address of prover.addresses) {
      if (map.has(address)) throw new TypeError(`The issuer ${address} is named twice.`);
      map.set(address, prover);
    }
  return map;
}
