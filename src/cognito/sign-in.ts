import { randomBytes } from "node:crypto";
import {
  AdminInitiateAuthCommand,
  type AdminInitiateAuthResponse,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { Secret } from "../domain/secret.ts";
import { type ClientStanding, describeClient, standingOf, WITHOUT } from "./app-client.ts";
import { type ProvenPerson, type ReadToken, readIdToken } from "./id-token.ts";
import { PoolIssuer } from "./pool-issuer.ts";
import { createSdkClient } from "./sdk-client.ts";
import { verdictOfError } from "./sign-in-errors.ts";
import {
  type AppClientAddress,
  type Attempt,
  adminRequest,
  type ClientContext,
  publicRequest,
} from "./sign-in-request.ts";
import type { UserSource } from "./source.ts";

/** What Cognito says to one password. A verdict other than `proven` lets nobody in. */
export type PasswordVerdict =
  | { kind: "proven"; person: ProvenPerson }
  /** Unknown person and wrong password alike. */
  | { kind: "wrong" }
  /** The password is right, and something else stands before a session. */
  | { kind: "second_factor" | "new_password_required" }
  /** Said whatever the password is. `locked_out`: too many wrong ones of this person. */
  | { kind: "disabled" | "reset_required" | "unconfirmed" | "locked_out" }
  /** Too many calls altogether. */
  | { kind: "throttled" }
  /** No answer, or one that says nothing about the password; `code` is a stable word. */
  | { kind: "outage"; code: string };

export interface PasswordCheck {
  /** One attempt, never repeated: each failure counts towards Cognito's lock-out. None is sent once it is late. */
  check(
    username: string,
    password: Secret,
    context: ClientContext,
    late?: AbortSignal,
  ): Promise<PasswordVerdict>;
  /** Asks Cognito about the client, with an attempt in a name that nobody has. */
  checkClient(): Promise<ClientStanding>;
  close(): void;
}

export interface SignInClient extends AppClientAddress {
  region: string;
  /** `admin`: ADMIN_USER_PASSWORD_AUTH, signed by IAM. `public`: USER_PASSWORD_AUTH, which anyone may call. */
  flow: "admin" | "public";
  callTimeoutMs: number;
  /** Tells somebody without an address from an app client that may not read it. */
  findUser: UserSource["findUser"];
}

/** Cognito API, `PasswordType`. */
const PASSWORD_MAX_LENGTH = 256;

const NEVER = new AbortController().signal;

const ISSUER_NOT_KNOWN = "issuer_not_known";

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
  const { region, userPoolId, clientId, callTimeoutMs, findUser } = options;
  // A second attempt would count as a second failure.
  const client = createSdkClient({ region, callTimeoutMs });
  const issuer = new PoolIssuer(client, userPoolId, callTimeoutMs);
  let takesAddress = false;

  const ask = (attempt: Attempt, abortSignal: AbortSignal): Promise<AdminInitiateAuthResponse> =>
    options.flow === "public"
      ? client.send(new InitiateAuthCommand(publicRequest(options, attempt, takesAddress)), { abortSignal })
      : client.send(new AdminInitiateAuthCommand(adminRequest(options, attempt)), { abortSignal });

  async function verdictOn(attempt: Attempt, late = NEVER): Promise<PasswordVerdict> {
    let answer: AdminInitiateAuthResponse;
    try {
      answer = await ask(attempt, late);
    } catch (error) {
      return verdictOfError(error);
    }
    const { ChallengeName, AuthenticationResult } = answer;
    if (ChallengeName !== undefined) return challenged(ChallengeName);
    const idToken = AuthenticationResult?.IdToken;
    return idToken === undefined ? { kind: "outage", code: "EmptyAnswer" } : provenBy(idToken);
  }

  async function provenBy(idToken: string): Promise<PasswordVerdict> {
    const issuers = await issuer.learn();
    if (issuers === null) return { kind: "outage", code: ISSUER_NOT_KNOWN };
    const read = readIdToken(idToken, { issuers, clientId });
    if (read === null) return { kind: "outage", code: "ForeignToken" };
    return whole(read, findUser);
  }

  return {
    async check(username, password, context, late) {
      if (!mayBePassword(password.reveal())) return { kind: "wrong" };
      return verdictOn({ username, password, context }, late);
    },
    async checkClient() {
      const [verdict, described, issuers] = await Promise.all([
        verdictOn(attemptOfNobody()),
        describeClient(client, options),
        issuer.learn(),
      ]);
      if (described !== null) takesAddress = described.takesAddress;
      const standing = standingOf(verdict, described);
      // Then a right password proves nobody.
      if (standing.kind === "able" && issuers === null) return { kind: "no_answer", code: ISSUER_NOT_KNOWN };
      return standing;
    },
    close: () => client.destroy(),
  };
}

/**
 * Another one is nobody's, and would be refused as a wrong request: an outage at will, which would tell those who come to
 * Cognito from others. Half of a pair is no text in UTF-8.
 */
function mayBePassword(text: string): boolean {
  return text.length <= PASSWORD_MAX_LENGTH && text.isWellFormed();
}

function challenged(name: string): PasswordVerdict {
  if (SECOND_FACTORS.has(name)) return { kind: "second_factor" };
  return { kind: name === "NEW_PASSWORD_REQUIRED" ? "new_password_required" : "reset_required" };
}

/** Only the list of users tells whether the person has what the token lacks: then nobody can be signed in by it. */
async function whole(
  { person, lacks }: ReadToken,
  findUser: UserSource["findUser"],
): Promise<PasswordVerdict> {
  if (lacks === null) return { kind: "proven", person };
  const found = await findUser(person.sub);
  const isMissing = found.ok && found.value !== null && !Object.hasOwn(found.value.attributes, lacks);
  return isMissing ? { kind: "proven", person } : { kind: "outage", code: WITHOUT[lacks] };
}

/** Cognito answers it as a wrong password where flow and secret are right. */
function attemptOfNobody(): Attempt {
  const random = () => randomBytes(24).toString("hex");
  return {
    username: `spillway-check-${random()}`,
    password: new Secret(random()),
    context: { ipAddress: null, userAgent: null },
  };
}
