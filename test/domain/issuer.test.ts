import { expect, test } from "vitest";
import { discoveryEndpoint } from "../../src/destinations/workos/connection-body.ts";
import { bareIssuer } from "../../src/domain/issuer.ts";

test.each([
  "https://login.corp.example/v2",
  "https://login.corp.example/v2/",
  "https://login.corp.example/v2/.well-known/openid-configuration",
  "https://login.corp.example/v2//.well-known/openid-configuration/",
  " https://login.corp.example/v2 ",
])("the issuer %s has its discovery document's path once", (issuer) => {
  expect(bareIssuer(issuer)).toBe("https://login.corp.example/v2");
  expect(discoveryEndpoint(issuer)).toBe("https://login.corp.example/v2/.well-known/openid-configuration");
});
