import { expect, test } from "vitest";
import { readSamlMetadata } from "../../src/cognito/saml-metadata.ts";

const REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const SIGN_IN = "https://idp.example/sign-in";

const redirectUrlOf = (metadata: string) => readSamlMetadata(metadata).redirectUrl;

const documentOf = (...services: string[]) => `<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">
  <md:IDPSSODescriptor>
    <md:SingleLogoutService Binding="${REDIRECT}" Location="https://idp.example/sign-out"/>
    ${services.join("\n    ")}
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`;

test.each([
  ["a prefix", `<md:SingleSignOnService Binding="${REDIRECT}" Location="${SIGN_IN}"/>`],
  ["no prefix", `<SingleSignOnService Binding="${REDIRECT}" Location="${SIGN_IN}"></SingleSignOnService>`],
  ["its location first", `<md:SingleSignOnService Location="${SIGN_IN}" Binding="${REDIRECT}"/>`],
  ["single quotes", `<md:SingleSignOnService Binding='${REDIRECT}' Location='${SIGN_IN}'/>`],
  ["several lines", `<md:SingleSignOnService\n  Binding = "${REDIRECT}"\n  Location = "${SIGN_IN}"\n/>`],
  [
    "another location",
    `<md:SingleSignOnService Binding="${REDIRECT}" ResponseLocation="x" Location="${SIGN_IN}"/>`,
  ],
])("reads the sign-in page from an element with %s", (_, service) => {
  expect(redirectUrlOf(documentOf(service))).toBe(SIGN_IN);
});

test("reads documents whose quotes are escaped", () => {
  const service = `<md:SingleSignOnService Binding="${REDIRECT}" Location="${SIGN_IN}"/>`;
  expect(redirectUrlOf(documentOf(service).replaceAll('"', '\\"'))).toBe(SIGN_IN);
});

test("passes by other bindings and what is commented out", () => {
  const services = [
    `<md:SingleSignOnService Binding="${POST}" Location="https://idp.example/post"/>`,
    `<!-- <md:SingleSignOnService Binding="${REDIRECT}" Location="https://old.example"/> -->`,
    `<md:SingleSignOnService Binding="${REDIRECT}" Location="${SIGN_IN}"/>`,
    `<md:SingleSignOnService Binding="${REDIRECT}" Location="https://second.example"/>`,
  ];
  expect(redirectUrlOf(documentOf(...services))).toBe(SIGN_IN);
});

test("resolves entities in the address", () => {
  const location = "https://idp.example/?a=1&amp;b=2&#38;c=3&#x26;d=4";
  const service = `<md:SingleSignOnService Binding="${REDIRECT}" Location="${location}"/>`;
  expect(redirectUrlOf(documentOf(service))).toBe("https://idp.example/?a=1&b=2&c=3&d=4");
});

test.each([
  ["nothing", ""],
  ["no XML", "not a document"],
  ["no sign-in page", documentOf()],
  ["no redirect", documentOf(`<md:SingleSignOnService Binding="${POST}" Location="${SIGN_IN}"/>`)],
  ["no location", documentOf(`<md:SingleSignOnService Binding="${REDIRECT}"/>`)],
  ["an empty location", documentOf(`<md:SingleSignOnService Binding="${REDIRECT}" Location=""/>`)],
  ["an open comment", documentOf("<!-- ", `<md:SingleSignOnService Binding="${REDIRECT}" Location="x"/>`)],
])("a document of %s names no sign-in page", (_, document) => {
  expect(redirectUrlOf(document)).toBeNull();
});

test("reads entity id and signing certificates", () => {
  const key = (use: string, certificate: string) =>
    `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="x"><ds:X509Data><ds:X509Certificate>\n${certificate}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
  const metadata = documentOf(
    key(' use="signing"', "MIIC\nAAAA"),
    key(' use="encryption"', "MIICBBBB"),
    key("", "MIICCCCC"),
  );
  expect(readSamlMetadata(metadata)).toEqual({
    entityId: "https://idp.example",
    redirectUrl: null,
    signingCertificates: ["MIICAAAA", "MIICCCCC"],
  });
});
