import { z } from "zod";
import { secureUrl } from "./urls.ts";

/**
 * The body of `POST /connections`, which is newer than the OpenAPI document. Source: WorkOS docs, "Create a Connection"
 * (workos.com/docs/reference/sso/connection/create).
 */

/** OpenAPI 0.61, `Connection.connection_type`: those that such a body can set up. */
const OIDC_TYPES = [
  "AdpOidc",
  "CleverOIDC",
  "EntraIdOIDC",
  "GenericOIDC",
  "GoogleOIDC",
  "LoginGovOidc",
  "OktaOIDC",
] as const;
const SAML_TYPES = [
  "ADFSSAML",
  "Auth0SAML",
  "AzureSAML",
  "CasSAML",
  "ClassLinkSAML",
  "CloudflareSAML",
  "CyberArkSAML",
  "DuoSAML",
  "GenericSAML",
  "GoogleSAML",
  "JumpCloudSAML",
  "KeycloakSAML",
  "LastPassSAML",
  "MiniOrangeSAML",
  "NetIqSAML",
  "OktaSAML",
  "OneLoginSAML",
  "OracleSAML",
  "PingFederateSAML",
  "PingOneSAML",
  "RipplingSAML",
  "SalesforceSAML",
  "ShibbolethGenericSAML",
  "ShibbolethSAML",
  "SimpleSamlPhpSAML",
  "VMwareSAML",
] as const;
export const connectionType = z.enum([...OIDC_TYPES, ...SAML_TYPES]);

const text = z.string().min(1);

const oidcOptions = z.strictObject({
  discovery_endpoint: secureUrl,
  client_id: text,
  client_secret: text,
  redirect_uri: secureUrl.optional(),
});

const pem = z.string().regex(/^-----BEGIN CERTIFICATE-----\s[\s\S]+\s-----END CERTIFICATE-----\s*$/);
const serviceProvider = { acs_url: secureUrl.optional(), sp_entity_id: text.optional() };
const samlOptions = z.union([
  z.strictObject({ idp_metadata_url: secureUrl, ...serviceProvider }),
  z.strictObject({
    idp_entity_id: text.optional(),
    idp_sso_url: secureUrl,
    idp_signing_certs: z.array(pem).min(1),
    ...serviceProvider,
  }),
]);

const attributeMaps = z.strictObject({
  standard_attributes: z
    .strictObject({
      idp_id: text.optional(),
      email: text.optional(),
      first_name: text.optional(),
      last_name: text.optional(),
      name: text.optional(),
    })
    .optional(),
  custom_attributes: z.record(text, text).optional(),
});

export const connectionBody = z
  .strictObject({
    organization_id: text,
    name: text,
    external_id: text.optional(),
    connection_type: connectionType.optional(),
    oidc_options: oidcOptions.optional(),
    saml_options: samlOptions.optional(),
    attribute_maps: attributeMaps.optional(),
  })
  .refine(hasFittingType, "the connection_type does not fit the options");

export type ConnectionBody = z.output<typeof connectionBody>;

interface Options {
  connection_type?: z.output<typeof connectionType> | undefined;
  oidc_options?: unknown;
  saml_options?: unknown;
}

export const hasOneKindOfOptions = ({ oidc_options, saml_options }: Options) =>
  (oidc_options === undefined) !== (saml_options === undefined);

function hasFittingType({ connection_type, oidc_options, saml_options }: Options): boolean {
  if (connection_type === undefined) return true;
  const isOidc = OIDC_TYPES.some((type) => type === connection_type);
  return isOidc ? saml_options === undefined : oidc_options === undefined;
}
