import { type RefusedToken, refused, type VerifiedToken } from "./answers.ts";
import { type CognitoTokens, createCognitoProver } from "./cognito.ts";
import type { IdMap } from "./id-map.ts";
import type { KeyLimits } from "./key-set.ts";
import type { Proof, Prover } from "./prover.ts";
import { readToken } from "./read-token.ts";
import { createWorkosProvers, type WorkosTokens } from "./workos.ts";

export interface TokenVerifierOptions {
  cognito: CognitoTokens;
  destination: WorkosTokens;
  /** Without it `userId` is null for everyone who comes with a token of Cognito's. */
  idMap?: IdMap;
  /** How far the clocks may be apart where `exp` and `nbf` are judged. Default: 30 s. */
  clockToleranceSeconds?: number;
  /** Default: a cool-down of 30 s, a greatest age of 10 min, a time-out of 5 s. */
  keys?: Partial<KeyLimits>;
}

export interface TokenVerifier {
  /**
   * Verifies one access or ID token, as it stands behind `Bearer `. Expected refusals are returned; it rejects when the
   * id map does.
   */
  verify(token: string): Promise<VerifiedToken | RefusedToken>;
}

const CLOCK_TOLERANCE_SECONDS = 30;
const KEY_LIMITS: KeyLimits = { cooldownMs: 30_000, maxAgeMs: 600_000, timeoutMs: 5_000 };

/**
 * One verifier for the tokens of both issuers. `iss` decides who may prove a token, before anything else in it is
 * believed; then that issuer's keys alone count. Keep one for the whole process: it holds the keys. Throws a TypeError
 * for options that do not go together.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { cognito, destination, idMap = async () => null } = options;
  const toleranceSeconds = options.clockToleranceSeconds ?? CLOCK_TOLERANCE_SECONDS;
  const limits = { ...KEY_LIMITS, ...options.keys };
  const provers = byAddress([
    createCognitoProver(cognito, limits, toleranceSeconds),
    ...createWorkosProvers(destination, limits, toleranceSeconds),
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
      const proof = await prover.prove(token, read.keyId);
      return proof.ok ? toAnswer(prover, proof) : proof;
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
