import { refused, type TokenUse } from "./answers.ts";
import { createJwtProver } from "./jwt-prover.ts";
import type { KeyLimits } from "./key-set.ts";
import { listOf, type Proof, type Prover } from "./prover.ts";

/** Tokens of one WorkOS environment: AuthKit's sessions and, if `connect` is given, WorkOS Connect's. */
export interface WorkosTokens {
  kind: "workos";
  /** Client id of the environment. */
  clientId: string;
  /**
   * `iss` of access tokens of sessions, if it is an address of yours. Else the API's: with the client id, or bare as
   * in older environments.
   */
  issuer?: string | readonly string[];
  /** Where the keys for sessions are, if not at WorkOS. */
  jwksUri?: string;
  /**
   * What else access tokens may name in `aud`: the audience of your JWT template, or resource indicators of Connect.
   * Where it is given, a session's token without `aud` is refused.
   */
  audience?: string | readonly string[];
  /** Only tokens of this use are accepted. Both are where it is left out. A session has access tokens only. */
  tokenUse?: TokenUse;
  connect?: ConnectTokens;
}

export interface ConnectTokens {
  /** Your AuthKit domain, as it stands in `iss`: https://….authkit.app, or your own. */
  issuer: string;
  /** Client ids of the applications whose tokens are accepted; the report's clients.csv has them. */
  clientId: string | readonly string[];
  /** Where the keys are, if not below the issuer. */
  jwksUri?: string;
}

const API = "https://api.workos.com";

export function createWorkosProvers(
  options: WorkosTokens,
  limits: KeyLimits,
  toleranceSeconds: number,
): Prover[] {
  const provers = [createSessionProver(options, limits, toleranceSeconds)];
  if (options.connect !== undefined)
    provers.push(createConnectProver(options, options.connect, limits, toleranceSeconds));
  return provers;
}

/**
 * Issuer: README of WorkOS's Node SDK, "Access token issuer validation", and WorkOS docs, "Session tokens". The bare
 * address is that of every environment; the keys are this one's alone. A token has no `aud` unless a JWT template sets
 * one, and always the session's `sid`: what has none was made for something else.
 */
function createSessionProver(
  { clientId, issuer, jwksUri, audience, tokenUse }: WorkosTokens,
  limits: KeyLimits,
  toleranceSeconds: number,
): Prover {
  const audiences = [clientId, ...listOf(audience ?? [])];
  return createJwtProver({
    addresses: listOf(issuer ?? [`${API}/user_management/${clientId}`, API, `${API}/`]),
    jwksUri: jwksUri ?? `${API}/sso/jwks/${clientId}`,
    limits,
    toleranceSeconds,
    judge(claims) {
      const { aud, client_id, sid } = claims;
      if (typeof sid !== "string" || tokenUse === "id") return refused("wrong_use");
      if (client_id !== undefined && client_id !== clientId) return refused("wrong_audience");
      const isFit = aud === undefined ? audience === undefined : names(aud, audiences);
      return isFit ? accepted("access", claims) : refused("wrong_audience");
    },
  });
}

/**
 * WorkOS docs, "Access token claims": `aud` of an access token is the environment's client id or a resource, and only
 * an access token has `client_id`, the application's. "Token", "ID token": its `aud` is the application's client id.
 */
function createConnectProver(
  { clientId, audience, tokenUse }: WorkosTokens,
  connect: ConnectTokens,
  limits: KeyLimits,
  toleranceSeconds: number,
): Prover {
  const applications = listOf(connect.clientId);
  const audiences = [clientId, ...listOf(audience ?? [])];
  return createJwtProver({
    addresses: [connect.issuer],
    jwksUri: connect.jwksUri ?? `${connect.issuer}/oauth2/jwks`,
    limits,
    toleranceSeconds,
    judge(claims) {
      const use = claims.client_id === undefined ? "id" : "access";
      if (tokenUse !== undefined && tokenUse !== use) return refused("wrong_use");
      const isFit =
        use === "id"
          ? names(claims.aud, applications)
          : names(claims.client_id, applications) && names(claims.aud, audiences);
      return isFit ? accepted(use, claims) : refused("wrong_audience");
    },
  });
}

function accepted(use: TokenUse, claims: Proof["claims"]): Proof {
  return { ok: true, use, claims };
}

/** Whether a claim is, or lists, one of `wanted`. */
function names(claim: unknown, wanted: readonly string[]): boolean {
  const given: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return given.some((one) => typeof one === "string" && wanted.includes(one));
}
