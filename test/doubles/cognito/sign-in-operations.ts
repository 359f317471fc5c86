import { createHmac } from "node:crypto";
import type { z } from "zod";
import type { Pool, PoolClient } from "../pool/pool.ts";
import { AwsError, invalidParameter } from "../shared/aws-error.ts";
import { type Call, type Operations, poolNamed } from "./call.ts";
import { readInput } from "./inputs.ts";
import { adminInitiateAuthInput, initiateAuthInput } from "./sign-in-inputs.ts";
import { signInAnswer } from "./sign-in-rows.ts";
import { userNamed } from "./usernames.ts";

interface SignIn {
  ClientId: string;
  AuthFlow: string;
  AuthParameters?: Record<string, string> | undefined;
}

/** Passwords only: the double has no SRP, no refresh and no answers to challenges, and runs no trigger. */
export const SIGN_IN_OPERATIONS: Operations = {
  InitiateAuth(call) {
    const input = readInput(initiateAuthInput, call.body);
    if (input.AuthFlow !== "USER_PASSWORD_AUTH")
      throw invalidParameter("Initiate Auth method not supported.");
    checkContext(input, call.pool);
    return signIn(input, "ALLOW_USER_PASSWORD_AUTH", call.pool, call);
  },

  AdminInitiateAuth(call) {
    const input = readInput(adminInitiateAuthInput, call.body);
    const pool = poolNamed(input.UserPoolId, call);
    if (input.AuthFlow !== "ADMIN_USER_PASSWORD_AUTH")
      throw invalidParameter("Initiate Auth method not supported.");
    return signIn(input, "ALLOW_ADMIN_USER_PASSWORD_AUTH", pool, call);
  },
};

/** May be called unsigned: the client's id, or its secret, is all the proof they ask. */
export const PUBLIC_OPERATIONS: readonly string[] = ["InitiateAuth"];

function signIn(input: SignIn, flow: string, pool: Pool, call: Call) {
  const client = clientNamed(input.ClientId, pool);
  if (!client.signInFlows.includes(flow))
    throw invalidParameter(`${input.AuthFlow} flow not enabled for this client`);
  const { USERNAME, PASSWORD, SECRET_HASH } = input.AuthParameters ?? {};
  if (USERNAME === undefined) throw invalidParameter("Missing required parameter USERNAME");
  if (PASSWORD === undefined) throw invalidParameter("Missing required parameter PASSWORD");
  checkUsername(USERNAME);
  checkSecretHash(client, USERNAME, SECRET_HASH);
  const user = userNamed(USERNAME, pool);
  if (user === null) throw unknownUser(client);
  checkPassword(user, PASSWORD, call);
  return signInAnswer(user, client, pool, call);
}

/** `EnablePropagateAdditionalUserContextData` of the API reference: without it, an address "can't" be sent. */
function checkContext({ ClientId, UserContextData }: z.output<typeof initiateAuthInput>, pool: Pool): void {
  if (UserContextData?.IpAddress === undefined || clientNamed(ClientId, pool).takesAddress) return;
  throw invalidParameter("The client does not accept an IpAddress in UserContextData.");
}

function clientNamed(id: string, pool: Pool): PoolClient {
  const client = pool.clients.find((candidate) => candidate.id === id);
  if (client !== undefined) return client;
  throw new AwsError("ResourceNotFoundException", `User pool client ${id} does not exist.`);
}

/** `UsernameType` of the service model; the sentence is as reported in aws-amplify/amplify-flutter#933. */
function checkUsername(username: string): void {
  const refused = (why: string) =>
    invalidParameter(
      `1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must ${why}`,
    );
  if (username.length > 128) throw refused("have length less than or equal to 128");
  if (!/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u.test(username))
    throw refused("satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+");
}

/** "Computing secret hash values" (Amazon Cognito developer guide). */
function checkSecretHash({ id, secret }: PoolClient, username: string, given: string | undefined): void {
  if (secret === null && given === undefined) return;
  if (secret !== null && given === undefined)
    throw notAuthorized(`Client ${id} is configured with secret but SECRET_HASH was not received`);
  const right =
    secret === null ? null : createHmac("sha256", secret).update(`${username}${id}`).digest("base64");
  if (given !== right) throw notAuthorized(`Unable to verify secret hash for client ${id}`);
}

function unknownUser({ preventUserExistenceErrors }: PoolClient): AwsError {
  if (preventUserExistenceErrors === "LEGACY")
    return new AwsError("UserNotFoundException", "User does not exist.");
  return wrongPassword();
}

type Checked = NonNullable<ReturnType<typeof userNamed>>;

/**
 * Whether disabled, locked out, to be reset or unconfirmed is told whatever the password is; of the last aws/aws-sdk-js#4608
 * tells, as does AWS in amazon-archives/amazon-cognito-identity-js#288.
 */
function checkPassword(user: Checked, password: string, { lockOuts, nowMs }: Call): void {
  if (lockOuts.isLocked(user.sub, nowMs())) throw notAuthorized("Password attempts exceeded");
  if (!user.enabled) throw notAuthorized("User is disabled.");
  if (user.status === "RESET_REQUIRED")
    throw new AwsError("PasswordResetRequiredException", "Password reset required for the user");
  if (user.status === "UNCONFIRMED")
    throw new AwsError("UserNotConfirmedException", "User is not confirmed.");
  const takesPasswords = ["CONFIRMED", "FORCE_CHANGE_PASSWORD"].includes(user.status);
  if (!takesPasswords || user.password === undefined || user.password !== password) {
    lockOuts.fail(user.sub, nowMs());
    throw wrongPassword();
  }
  lockOuts.forget(user.sub);
}

const notAuthorized = (message: string) => new AwsError("NotAuthorizedException", message);
const wrongPassword = () => notAuthorized("Incorrect username or password.");
