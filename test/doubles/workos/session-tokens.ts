import { createHash, randomBytes } from "node:crypto";
import { createSigningKey, type PublicJwk } from "../shared/signing-key.ts";
import { selfSigned } from "./certificate.ts";
import { createIds } from "./ids.ts";

/** OpenAPI 0.61, `JwksResponse`. */
export interface Jwks {
  keys: (PublicJwk & { x5c: string[]; "x5t#S256": string })[];
}

export interface SessionTokens {
  access_token: string;
  refresh_token: string;
}

export interface SessionIssuer {
  jwks(): Jwks;
  /** `organizationId` null: of no organization. */
  issue(issuer: string, userId: string, organizationId: string | null): SessionTokens;
}

/** WorkOS docs, "Session tokens": the example lives so long. */
const LIFE_SECONDS = 300;

export function createSessionIssuer(): SessionIssuer {
  const key = createSigningKey();
  const nextSessionId = createIds("session");
  const nextTokenId = createIds("token");
  let certificate: Buffer | undefined;
  return {
    jwks() {
      const { publicKey, privateKey } = key.keys();
      certificate ??= selfSigned("double.workos", publicKey, privateKey);
      const fingerprint = createHash("sha256").update(certificate).digest("base64url");
      return {
        keys: [{ ...key.publicJwk(), x5c: [certificate.toString("base64")], "x5t#S256": fingerprint }],
      };
    },
    issue(issuer, userId, organizationId) {
      const iat = Math.floor(Date.now() / 1_000);
      const access_token = key.sign({
        iss: issuer,
        sub: userId,
        sid: nextSessionId(),
        jti: nextTokenId(),
        ...(organizationId !== null && { org_id: organizationId }),
        iat,
        exp: iat + LIFE_SECONDS,
      });
      return { access_token, refresh_token: randomBytes(24).toString("base64url") };
    },
  };
}
