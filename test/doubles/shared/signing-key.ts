import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** Signs what a double issues; one of its own, made when it is first needed. */
export interface SigningKey {
  /** The claims as a JWT, RS256. */
  sign(claims: Readonly<Record<string, unknown>>): string;
  /** As a JWKS lists it, for either double. */
  publicJwk(): PublicJwk;
  keys(): KeyPair;
}

export interface PublicJwk {
  kty: "RSA";
  alg: "RS256";
  use: "sig";
  kid: string;
  n: string;
  e: string;
}

export interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const MODULUS_BITS = 2_048;

export function createSigningKey(): SigningKey {
  let pair: KeyPair | undefined;
  const keys = () => {
    pair ??= generateKeyPairSync("rsa", { modulusLength: MODULUS_BITS });
    return pair;
  };
  const publicJwk = (): PublicJwk => {
    const { n = "", e = "" } = keys().publicKey.export({ format: "jwk" });
    return { kty: "RSA", alg: "RS256", use: "sig", kid: thumbprint(n, e), n, e };
  };
  return {
    sign(claims) {
      const header = { alg: "RS256", typ: "JWT", kid: publicJwk().kid };
      const signed = `${base64url(header)}.${base64url(claims)}`;
      const signature = sign("sha256", Buffer.from(signed), keys().privateKey);
      return `${signed}.${signature.toString("base64url")}`;
    },
    publicJwk,
    keys,
  };
}

/** RFC 7638: the members in this order. */
function thumbprint(n: string, e: string): string {
  return createHash("sha256")
    .update(JSON.stringify({ e, kty: "RSA", n }))
    .digest("base64url");
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
