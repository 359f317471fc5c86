import type { KnownProvider } from "../domain/pool.ts";
import { fingerprintOf } from "./fingerprint.ts";

/**
 * What makes a provider of Cognito another one under the same name: who runs it, and by what it knows the pool. Signing
 * certificates and scopes come and go with the same provider.
 */
export function asConfigured({ type, clientId, issuer, saml }: KnownProvider): string {
  const { entityId = null, ssoUrl = null, metadataUrl = null } = saml ?? {};
  return fingerprintOf({ type, clientId, issuer, entityId, ssoUrl, metadataUrl });
}
