import { expect, test } from "vitest";
import { COGNITO_ADDRESSES } from "../../src/destinations/hand-over.ts";
import { handOver } from "../../src/destinations/workos/hand-over.ts";

const sets = handOver.addressSets("client_environment");

test("every address has a successor, or says what takes its place", () => {
  for (const { successors } of sets)
    for (const address of COGNITO_ADDRESSES) {
      const { address: successor, note } = successors[address];
      expect(successor ?? note).toMatch(/\S/);
      if (successor !== null)
        expect(successor).toMatch(/^https:\/\/(api\.workos\.com\/|<your AuthKit domain>)/);
    }
});

test("issuer and keys are those of the environment", () => {
  expect(sets[0]?.successors.jwks.address).toBe("https://api.workos.com/sso/jwks/client_environment");
  expect(sets[0]?.successors.issuer.address).toBe(
    "https://api.workos.com/user_management/client_environment",
  );
});

/** LambdaConfigType of Cognito's API, without what is no trigger. */
const TRIGGERS = [
  "PreSignUp",
  "CustomMessage",
  "PostConfirmation",
  "PreAuthentication",
  "PostAuthentication",
  "DefineAuthChallenge",
  "CreateAuthChallenge",
  "VerifyAuthChallengeResponse",
  "PreTokenGeneration",
  "PreTokenGenerationConfig",
  "UserMigration",
  "CustomSMSSender",
  "CustomEmailSender",
];

test.each(TRIGGERS)("the trigger %s has a sentence", (trigger) => {
  expect(handOver.triggers[trigger]).toMatch(/\.$/);
});
