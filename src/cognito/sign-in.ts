import { createHmac } from "node:crypto";
import {
  AdminInitiateAuthCommand,
  type AdminInitiateAuthResponse,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Secret } from "../domain/secret.ts";
import { type ProvenPerson, personOf } from "./id-token.ts";
import { createSdkClient } from "./sdk-client.ts";
import { verdictOfError } from "./sign-in-errors.ts";

/** What Cognito says to one password. A verdict other than `proven` lets nobody in. */
export type PasswordVerdict =
  | { kind: "proven"; person: ProvenPerson }
  /** Unknown person and wrong password alike. */
  | { kind: "wrong" }
  /** The password may be right, and something else stands before a session. */
  | { kind: "second_factor" | "disabled" | "reset_required" | "unconfirmed" }
  /** Too many tries, of this person or altogether. */
  | { kind: "throttled" }
  /** No answer, or one that says nothing about the password; `code` is a stable word. */
  | { kind: "outage"; code: string };

export interface PasswordCheck {
  /** One attempt, never repeated: each failure counts towards Cognito's lock-out. */
  check(username: string, password: Secret): Promise<PasswordVerdict>;
  close(): void;
}

export interface SignInClient {
  region: string;
  userPoolId: string;
  /** Of an app client that allows the flow. */
  clientId: string;
  /** Null for a public client. */
  clientSecret: Secret | null;
  /** `admin`: ADMIN_USER_PASSWORD_AUTH, signed by IAM. `public`: USER_PASSWORD_AUTH, which anyone may call. */
  flow: "admin" | "public";
  callTimeoutMs: number;
}

/** Cognito API, `PasswordType`: a longer one is nobody's, and would be refused as a wrong request. */
const PASSWORD_MAX_LENGTH = 256;

/** AWS's names; whatever is not here is not a sign-in with a password and ends in a reset. */
const SECOND_FACTORS: ReadonlySet<string> = new Set([
  "SMS_MFA",
  "EMAIL_OTP",
  "SMS_OTP",
  "SOFTWARE_TOKEN_MFA",
  "SELECT_MFA_TYPE",
  "MFA_SETUP",
  "DEVICE_SRP_AUTH",
  "DEVICE_PASSWORD_VERIFIER",
]);

/** Asks Cognito for passwords. */
export function createPasswordCheck(options: SignInClient): PasswordCheck {
  const { region, userPoolId, clientId, callTimeoutMs } = options;
  // A second attempt would count as a second failure.
  const client = createSdkClient({ region, callTimeoutMs });

  const ask = (username: string, password: Secret): Promise<AdminInitiateAuthResponse> => {
    const AuthParameters = { USERNAME: username, PASSWORD: password.reveal(), ...hashOf(options, username) };
    if (options.flow === "public")
      return client.send(
        new InitiateAuthCommand({ ClientId: clientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters }),
      );
    return client.send(
      new AdminInitiateAuthCommand({
        UserPoolId: userPoolId,
        ClientId: clientId,
        AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
        AuthParameters,
      }),
    );
  };

  return {
    async check(username, password) {
      if (password.reveal().length > PASSWORD_MAX_LENGTH) return { kind: "wrong" };
      try {
        return verdictOf(await ask(username, password), options);
      } catch (error) {
        return verdictOfError(error);
      }
    },
    close: () => client.destroy(),
  };
}

/** "Computing secret hash values" (Amazon Cognito developer guide). */
function hashOf({ clientId, clientSecret }: SignInClient, username: string): { SECRET_HASH?: string } {
  if (clientSecret === null) return {};
  const hash = createHmac("sha256", clientSecret.reveal()).update(username + clientId);
  return { SECRET_HASH: hash.digest("base64") };
}

function verdictOf(
  { AuthenticationResult, ChallengeName }: AdminInitiateAuthResponse,
  expected: SignInClient,
): PasswordVerdict {
  if (ChallengeName !== undefined && SECOND_FACTORS.has(ChallengeName)) return { kind: "second_factor" };
  if (ChallengeName !== undefined) return { kind: "reset_required" };
  const idToken = AuthenticationResult?.IdToken;
  if (idToken === undefined) return { kind: "outage", code: "EmptyAnswer" };
  const person = personOf(idToken, expected);
  return person === null ? { kind: "outage", code: "ForeignToken" } : { kind: "proven", person };
}
