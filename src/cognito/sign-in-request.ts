import { createHmac } from "node:crypto";
import type {
  AdminInitiateAuthRequest,
  ContextDataType,
  InitiateAuthRequest,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Secret } from "../domain/secret.ts";

/** Where the person sits, as the application saw it. Cognito's threat protection judges by it. */
export interface ClientContext {
  ipAddress: string | null;
  userAgent: string | null;
}

export interface AppClientAddress {
  userPoolId: string;
  clientId: string;
  /** Null for a public client. */
  clientSecret: Secret | null;
}

export interface Attempt {
  username: string;
  password: Secret;
  context: ClientContext;
}

/** `ContextDataType` asks for them; the application's own are not known here. */
const SERVER = { ServerName: "spillway-bridge", ServerPath: "/sign-in" };

export function adminRequest(client: AppClientAddress, attempt: Attempt): AdminInitiateAuthRequest {
  const ContextData = contextOf(attempt.context);
  return {
    UserPoolId: client.userPoolId,
    ClientId: client.clientId,
    AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
    AuthParameters: parametersOf(client, attempt),
    ...(ContextData !== null && { ContextData }),
  };
}

/** `takesAddress`: an address from a client that is not set up to send one is refused. */
export function publicRequest(
  client: AppClientAddress,
  attempt: Attempt,
  takesAddress: boolean,
): InitiateAuthRequest {
  const { ipAddress } = attempt.context;
  return {
    ClientId: client.clientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: parametersOf(client, attempt),
    ...(takesAddress && ipAddress !== null && { UserContextData: { IpAddress: ipAddress } }),
  };
}

/** Nothing without an address, which is required. */
function contextOf({ ipAddress, userAgent }: ClientContext): ContextDataType | null {
  if (ipAddress === null) return null;
  const HttpHeaders = userAgent === null ? [] : [{ headerName: "User-Agent", headerValue: userAgent }];
  return { IpAddress: ipAddress, ...SERVER, HttpHeaders };
}

function parametersOf(client: AppClientAddress, { username, password }: Attempt): Record<string, string> {
  return { USERNAME: username, PASSWORD: password.reveal(), ...hashOf(client, username) };
}

/** "Computing secret hash values" (Amazon Cognito developer guide). */
function hashOf({ clientId, clientSecret }: AppClientAddress, username: string): { SECRET_HASH?: string } {
  if (clientSecret === null) return {};
  const hash = createHmac("sha256", clientSecret.reveal()).update(username + clientId);
  return { SECRET_HASH: hash.digest("base64") };
}
