import { XMLParser } from "fast-xml-parser";
import { z } from "zod";

/** What is read out of an uploaded SAML metadata document (OASIS, saml-metadata-2.0). */
export interface SamlMetadata {
  entityId: string | null;
  /** Where the provider takes sign-ins by HTTP-Redirect. */
  redirectUrl: string | null;
  /** In base64, without the lines around them. */
  signingCertificates: string[];
}

const REDIRECT_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const REPEATED = [
  "EntityDescriptor",
  "IDPSSODescriptor",
  "SingleSignOnService",
  "KeyDescriptor",
  "X509Certificate",
];

const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  htmlEntities: true,
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => REPEATED.includes(name),
});

const text = z.union([z.string(), z.object({ "#text": z.string() }).transform((node) => node["#text"])]);
const keyDescriptor = z.object({
  "@use": z.string().optional(),
  KeyInfo: z.object({ X509Data: z.object({ X509Certificate: z.array(text) }) }),
});
const entity = z.object({
  "@entityID": z.string().optional(),
  IDPSSODescriptor: z
    .array(
      z.object({
        SingleSignOnService: z
          .array(
            z.object({ "@Binding": z.string().optional(), "@Location": z.string().optional() }).catch({}),
          )
          .catch([]),
        KeyDescriptor: z.array(keyDescriptor.nullable().catch(null)).catch([]),
      }),
    )
    .catch([]),
});
const entities = z.array(entity);
const document = z.union([
  z.object({ EntityDescriptor: entities }).transform((root) => root.EntityDescriptor),
  z
    .object({ EntitiesDescriptor: z.object({ EntityDescriptor: entities }) })
    .transform((root) => root.EntitiesDescriptor.EntityDescriptor),
]);

/** Reads the document's first identity provider; what is not there is null. */
export function readSamlMetadata(metadata: string): SamlMetadata {
  const parsed = document.safeParse(parse(metadata));
  const found = parsed.success ? parsed.data.find((one) => one.IDPSSODescriptor.length > 0) : undefined;
  const [provider] = found?.IDPSSODescriptor ?? [];
  const redirect = provider?.SingleSignOnService.find((service) => service["@Binding"] === REDIRECT_BINDING);
  const keys = (provider?.KeyDescriptor ?? []).flatMap((key) => key ?? []);
  return {
    entityId: found?.["@entityID"] || null,
    redirectUrl: redirect?.["@Location"]?.trim() || null,
    // A key without a use is for both (saml-metadata-2.0, 2.4.1.1).
    signingCertificates: keys
      .filter((key) => key["@use"] !== "encryption")
      .flatMap((key) => key.KeyInfo.X509Data.X509Certificate)
      .map((certificate) => certificate.replaceAll(/\s+/g, "")),
  };
}

/** Cognito takes documents with quotes escaped by backslashes, as they stand in JSON. */
function parse(metadata: string): unknown {
  try {
    return parser.parse(metadata.replaceAll('\\"', '"'));
  } catch {
    return null;
  }
}
