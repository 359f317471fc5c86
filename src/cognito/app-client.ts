import {
  type CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { ask } from "./ask.ts";
import { isAccessLostAtSignIn } from "./errors.ts";
import type { NeededClaim } from "./id-token.ts";
import type { PasswordVerdict } from "./sign-in.ts";

/** Whether the app client that checks passwords can do so. */

/** What makes every sign-in an outage until an operator mends it. */
export const CLIENT_FAULTS = [
  "endpoint_in_clear",
  "pool_not_found",
  "client_not_found",
  "client_secret_wrong",
  "client_secret_missing",
  "flow_not_enabled",
  "token_without_email",
  "token_without_email_verified",
] as const;
export type ClientFault = (typeof CLIENT_FAULTS)[number];

export type ClientStanding =
  | { kind: "able" }
  /** For certain: Cognito says so. */
  | { kind: "unable"; code: ClientFault }
  /** AWS takes no call of ours, now; `code` is its error name. */
  | { kind: "no_access"; code: string }
  /** Nothing is known about the client. */
  | { kind: "no_answer"; code: string };

/** A token without what a sign-in by address goes by. */
export const WITHOUT = {
  email: "token_without_email",
  email_verified: "token_without_email_verified",
} as const satisfies Record<NeededClaim, ClientFault>;

interface DescribedClient {
  /** Of what a sign-in goes by, what the client may not read. */
  unreadable: NeededClaim | null;
  /** Whether the public flow may tell where the person sits. */
  takesAddress: boolean;
}

const NEEDED: readonly NeededClaim[] = ["email", "email_verified"];

/** Null where Cognito does not say: the permission may be missing, and passwords can be checked without it. */
export async function describeClient(
  client: CognitoIdentityProviderClient,
  { userPoolId, clientId }: { userPoolId: string; clientId: string },
): Promise<DescribedClient | null> {
  const command = new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId });
  const answer = await ask(() => client.send(command));
  const described = answer.ok ? answer.value.UserPoolClient : undefined;
  if (described === undefined) return null;
  const { ReadAttributes: readable = [], EnablePropagateAdditionalUserContextData } = described;
  // Without a list of its own it reads every standard attribute (API reference, `UserPoolClientType`).
  const unreadable = readable.length === 0 ? undefined : NEEDED.find((name) => !readable.includes(name));
  return {
    unreadable: unreadable ?? null,
    takesAddress: EnablePropagateAdditionalUserContextData === true,
  };
}

/** `verdict` is on an attempt in a name that nobody has: whatever is said about that person, flow and secret are right. */
export function standingOf(verdict: PasswordVerdict, described: DescribedClient | null): ClientStanding {
  if (verdict.kind === "throttled") return { kind: "no_answer", code: verdict.kind };
  if (verdict.kind === "outage") return standingOfOutage(verdict.code);
  const unreadable = described?.unreadable ?? null;
  return unreadable === null ? { kind: "able" } : { kind: "unable", code: WITHOUT[unreadable] };
}

function standingOfOutage(code: string): ClientStanding {
  const fault = CLIENT_FAULTS.find((one) => one === code);
  if (fault !== undefined) return { kind: "unable", code: fault };
  return { kind: isAccessLostAtSignIn(code) ? "no_access" : "no_answer", code };
}
