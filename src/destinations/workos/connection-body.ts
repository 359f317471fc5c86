import { bareIssuer } from "../../domain/issuer.ts";
import type { ConnectionRecord, OidcProtocol, SamlProtocol } from "../credentials.ts";

/**
 * The body of `POST /connections` (WorkOS docs, "Create a Connection"; the OpenAPI document 0.61 leaves it out). The
 * only place where a provider's client secret is plain.
 */
export function toConnectionBody({ externalId, name, organizationId, protocol }: ConnectionRecord) {
  return {
    organization_id: organizationId,
    name,
    external_id: externalId,
    ...(protocol.kind === "oidc" ? oidcFields(protocol) : samlFields(protocol)),
  };
}

/** OpenID Connect Discovery 1.0, 4. */
export function discoveryEndpoint(issuer: string): string {
  return `${bareIssuer(issuer)}/.well-known/openid-configuration`;
}

function oidcFields({ issuer, clientId, clientSecret }: OidcProtocol) {
  return {
    oidc_options: {
      discovery_endpoint: discoveryEndpoint(issuer),
      client_id: clientId,
      client_secret: clientSecret.reveal(),
    },
  };
}

function samlFields({ metadataUrl, manual, spEntityId, claims }: SamlProtocol) {
  return {
    saml_options: {
      ...(metadataUrl === null ? manualFields(manual) : { idp_metadata_url: metadataUrl }),
      ...(spEntityId === null ? {} : { sp_entity_id: spEntityId }),
    },
    ...attributeMaps(claims),
  };
}

function manualFields(manual: SamlProtocol["manual"]) {
  if (manual === null) return {};
  return {
    idp_entity_id: manual.entityId,
    idp_sso_url: manual.ssoUrl,
    idp_signing_certs: manual.signingCertificates.map(toPem),
  };
}

const PEM_HEADER = "-----BEGIN CERTIFICATE-----";

/** A metadata document holds a certificate without its frame (SAML metadata 2.0, `ds:X509Certificate`). */
function toPem(certificate: string): string {
  if (certificate.includes(PEM_HEADER)) return certificate.trim();
  const lines = certificate.replaceAll(/\s/g, "").match(/.{1,64}/g) ?? [];
  return [PEM_HEADER, ...lines, "-----END CERTIFICATE-----"].join("\n");
}

function attributeMaps({ email, firstName, lastName }: SamlProtocol["claims"]) {
  const standard = Object.entries({ email, first_name: firstName, last_name: lastName });
  const given = standard.filter(([, claim]) => claim !== undefined);
  return given.length === 0 ? {} : { attribute_maps: { standard_attributes: Object.fromEntries(given) } };
}
