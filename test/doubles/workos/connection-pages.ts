import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import type { WorkosConnection } from "./connection-store.ts";
import type { WorkosDoubleOptions } from "./options.ts";

/** Where a sign-in over a connection begins. */

const DISCOVERY = "/.well-known/openid-configuration";

/** Null where the double does not know the sign-in page. `state` is WorkOS's own. */
export function connectionPage(
  connection: WorkosConnection,
  { samlMetadata, oidcAuthorizeUrls }: WorkosDoubleOptions,
  state: string,
): URL | null {
  const { oidc_options: oidc, saml_options: saml } = connection;
  if (oidc) {
    const authorize = oidcAuthorizeUrls[oidc.discovery_endpoint];
    return oidcPage(connection.id, oidc, authorize ?? authorizeUrlOf(oidc.discovery_endpoint), state);
  }
  if (!saml) return null;
  const ssoUrl = "idp_sso_url" in saml ? saml.idp_sso_url : samlMetadata[saml.idp_metadata_url];
  return ssoUrl === undefined ? null : samlPage(connection.id, saml, ssoUrl, state);
}

function authorizeUrlOf(discoveryEndpoint: string): string {
  const issuer = discoveryEndpoint.endsWith(DISCOVERY)
    ? discoveryEndpoint.slice(0, -DISCOVERY.length)
    : discoveryEndpoint;
  return `${issuer}/authorize`;
}

function oidcPage(
  connectionId: string,
  options: NonNullable<WorkosConnection["oidc_options"]>,
  authorizeUrl: string,
  state: string,
): URL {
  const url = new URL(authorizeUrl);
  const callback = options.redirect_uri ?? `https://auth.workos.com/sso/oidc/${connectionId}/callback`;
  url.searchParams.set("client_id", options.client_id);
  url.searchParams.set("redirect_uri", callback);
  url.searchParams.set("response_type", "code");
  url.searchParams.set("scope", "openid email profile");
  url.searchParams.set("state", state);
  return url;
}

/** SAML 2.0 Bindings, 3.4 "HTTP Redirect Binding": deflated, then in base64. */
function samlPage(
  connectionId: string,
  options: NonNullable<WorkosConnection["saml_options"]>,
  ssoUrl: string,
  relayState: string,
): URL {
  const request = authnRequest({
    issuer: options.sp_entity_id ?? `https://auth.workos.com/${connectionId}`,
    acsUrl: options.acs_url ?? `https://auth.workos.com/sso/saml/acs/${connectionId}`,
    destination: ssoUrl,
  });
  const url = new URL(ssoUrl);
  url.searchParams.set("SAMLRequest", deflateRawSync(request).toString("base64"));
  url.searchParams.set("RelayState", relayState);
  return url;
}

function authnRequest(given: { issuer: string; acsUrl: string; destination: string }): string {
  const attributes = {
    "xmlns:samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "xmlns:saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    ID: `_${randomBytes(16).toString("hex")}`,
    Version: "2.0",
    IssueInstant: new Date().toISOString(),
    Destination: given.destination,
    ProtocolBinding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    AssertionConsumerServiceURL: given.acsUrl,
  };
  const text = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  return `<samlp:AuthnRequest${text.join("")}><saml:Issuer>${escaped(given.issuer)}</saml:Issuer></samlp:AuthnRequest>`;
}

function escaped(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
