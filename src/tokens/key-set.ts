import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWK } from "jose";
import { type RefusedToken, refused } from "./answers.ts";

export interface KeyLimits {
  /** An unknown key id makes the keys be fetched anew at most once in this time. */
  cooldownMs: number;
  /** Keys are fetched anew when they are older, so that one that was withdrawn is not believed for ever. */
  maxAgeMs: number;
  /** For one answer of the issuer. */
  timeoutMs: number;
}

/** A public key for RS256 and nothing else: what cannot be used with another algorithm cannot be confused. */
export interface SigningKey {
  [name: string]: string;
  kty: "RSA";
  use: "sig";
  alg: "RS256";
  kid: string;
  n: string;
  e: string;
}

export interface KeySet {
  /** Fetches the keys where that is needed. Refuses with `unknown_key` or, where that cannot be told now, `keys_unavailable`. */
  find(keyId: string): Promise<{ ok: true; key: SigningKey } | RefusedToken>;
}

/** Far more than an issuer's keys take. */
const MAX_ANSWER_BYTES = 1_024 * 1_024;
/** While the issuer does not answer, its last keys are believed for this long. */
const MAX_STALE_MS = 3_600_000;
/** Key ids that are known not to be listed: those that somebody makes up do not fill the memory. */
const MAX_UNLISTED = 1_000;
/** How soon it is asked again by someone whose key is not known. */
const RETRY_MS = 1_000;

/** The keys of one issuer at `address`, cached. One fetch at a time, however many wait for it. */
export function createKeySet(address: URL, limits: KeyLimits): KeySet {
  // Only its fetch is used: its own cache has no cool-down in an outage, and drops the keys that it has.
  const remote = createRemoteJWKSet(address, {
    timeoutDuration: limits.timeoutMs,
    [customFetch]: cappedFetch,
  });
  let keys = new Map<string, SigningKey>();
  /** Withdrawn, unfit, or not there when they were asked for. */
  const unlisted = new Set<string>();
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let failed = false;
  let fetching: Promise<void> | null = null;

  async function fetchKeys(): Promise<void> {
    triedAtMs = Date.now();
    try {
      await remote.reload();
      const listed = remote.jwks()?.keys ?? [];
      const fresh = signingKeys(listed);
      for (const kid of [...keys.keys(), ...listed.map(({ kid = "" }) => kid)])
        if (!fresh.has(kid)) noteUnlisted(kid);
      for (const kid of fresh.keys()) unlisted.delete(kid);
      keys = fresh;
      fetchedAtMs = Date.now();
      failed = false;
    } catch {
      failed = true;
    } finally {
      fetching = null;
    }
  }

  function noteUnlisted(keyId: string): void {
    unlisted.add(keyId);
    const [oldest] = unlisted;
    if (unlisted.size > MAX_UNLISTED && oldest !== undefined) unlisted.delete(oldest);
  }

  function believed(keyId: string): SigningKey | undefined {
    return Date.now() - fetchedAtMs < MAX_STALE_MS ? keys.get(keyId) : undefined;
  }

  function mayFetch(isKnown: boolean): boolean {
    const pauseMs = failed && !isKnown ? Math.min(RETRY_MS, limits.cooldownMs) : limits.cooldownMs;
    return Date.now() - triedAtMs >= pauseMs;
  }

  return {
    async find(keyId) {
      const isKnown = believed(keyId) !== undefined;
      if (!isKnown || Date.now() - fetchedAtMs >= limits.maxAgeMs) {
        if (fetching === null && mayFetch(isKnown)) fetching = fetchKeys();
        const isAsked = fetching !== null;
        await fetching;
        if (isAsked && !failed && believed(keyId) === undefined) noteUnlisted(keyId);
      }
      const key = believed(keyId);
      if (key !== undefined) return { ok: true, key };
      // In the cool-down it may be new: whoever makes up key ids must not make others throw good tokens away.
      return refused(failed || !unlisted.has(keyId) ? "keys_unavailable" : "unknown_key");
    },
  };
}

/** An answer that is longer breaks off, as it does with a connection. */
const cappedFetch: FetchImplementation = async (address, options) => {
  const answer = await fetch(address, options);
  let bytes = 0;
  const cap = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) throw new Error("The answer is too long.");
      controller.enqueue(chunk);
    },
  });
  return new Response(answer.body?.pipeThrough(cap) ?? null, answer);
};

/** Keys below 2,048 bits must not be used with RS256 (RFC 7518, section 3.3): 256 bytes are 342 characters. */
const MODULUS = /^[\w-]{342,}$/;
const EXPONENT = /^[\w-]+$/;

function signingKeys(listed: readonly JWK[]): Map<string, SigningKey> {
  const keys = new Map<string, SigningKey>();
  for (const { kty, use = "sig", alg = "RS256", kid, n = "", e = "" } of listed) {
    if (kty !== "RSA" || use !== "sig" || alg !== "RS256" || kid === undefined) continue;
    if (MODULUS.test(n) && EXPONENT.test(e))
      keys.set(kid, { kty: "RSA", use: "sig", alg: "RS256", kid, n, e });
  }
  return keys;
}
