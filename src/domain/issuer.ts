/**
 * An OpenID issuer without slashes at its end, and without the path of its discovery document, which people enter for
 * it at Cognito.
 */
export function bareIssuer(issuer: string): string {
  return issuer
    .trim()
    .replace(/\/+$/, "")
    .replace(/\/\.well-known\/openid-configuration$/, "")
    .replace(/\/+$/, "");
}
