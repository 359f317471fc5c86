import type { SourceProblem } from "./source.ts";

/** The only place that knows AWS's error names. Messages stay here: they may hold personal data. */

const SLOW_DOWN: ReadonlySet<string> = new Set([
  "TooManyRequestsException",
  "ThrottlingException",
  "ThrottledException",
  "Throttling",
  "RequestLimitExceeded",
]);

/** Of Cognito, of IAM, of STS and SSO (asked by the SDK for credentials), and of the SDK's own providers. */
const ACCESS_LOST: ReadonlySet<string> = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "NotAuthorizedException",
  "AccessDeniedException",
  "AccessDenied",
  "UnauthorizedException",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "OptInRequired",
]);

/**
 * Whether an error of that name says that AWS takes no signed call of ours. At a sign-in NotAuthorizedException is about the
 * password.
 */
export function isAccessLostAtSignIn(name: string): boolean {
  return ACCESS_LOST.has(name) && name !== "NotAuthorizedException";
}

/** What the SDK names its own timeouts. */
const TIMEOUTS: ReadonlySet<string> = new Set(["TimeoutError", "RequestTimeout", "RequestTimeoutException"]);

/** An SDK error, as far as it is judged. */
interface SdkError {
  name: string;
  /** Of the network, such as ECONNRESET. */
  networkCode: string | null;
  /** Of an answer. */
  status: number | null;
  /** The answer was not JSON: a proxy's page, not Cognito's. */
  unreadable: boolean;
}

/** How Cognito answers a page token that it does not take any more; the second is rarer. */
const DEAD_TOKEN: ReadonlySet<string> = new Set(["InvalidParameterException", "NotAuthorizedException"]);

/**
 * What a failed call means. Cognito has no error of its own for a dead page token, so the same names mean
 * something else without a token: whoever starts the list again finds out which it was.
 * Throws what is neither an answer nor the network's fault: a defect.
 */
export function problemOf(error: unknown, carriedToken: boolean): SourceProblem {
  const known = sdkErrorOf(error);
  if (known === null) throw error;
  const { name, networkCode, status } = known;
  if (SLOW_DOWN.has(name) || status === 429) return { problem: "slow_down" };
  if (carriedToken && DEAD_TOKEN.has(name)) return { problem: "dead_token" };
  if (ACCESS_LOST.has(name) || status === 401 || status === 403)
    return { problem: "access_lost", code: name };
  if (name === "ResourceNotFoundException") return { problem: "not_found", code: name };
  if (networkCode !== null) return { problem: "unavailable", code: networkCode };
  if (isPassing(known)) return { problem: "unavailable", code: name };
  if (status !== null) return { problem: "refused", code: name };
  throw error;
}

function isPassing({ name, status, unreadable }: SdkError): boolean {
  if (unreadable || TIMEOUTS.has(name)) return true;
  return name === "InternalErrorException" || (status !== null && status >= 500);
}

/** Names are words; anything else may be a person's data, which a code never is. */
const WORD = /^\w{1,100}$/;

/** What an error of an AWS SDK is called, as a stable word. */
export function nameOf(error: Error): string {
  if (WORD.test(error.name)) return error.name;
  const status = statusOf(error);
  return status === null ? "Unknown" : `Status${status}`;
}

function sdkErrorOf(error: unknown): SdkError | null {
  if (!(error instanceof Error)) return null;
  const status = statusOf(error);
  const unreadable = error instanceof SyntaxError && status !== null;
  const name = unreadable ? `Status${status}` : nameOf(error);
  return { name, networkCode: networkCodeOf(error), status, unreadable };
}

/** Node's codes are capitals; those that begin with ERR_ are defects, but for TLS. */
const NETWORK_CODE = /^(?!ERR_(?!TLS|SSL))[A-Z][A-Z0-9_]+$/;

function networkCodeOf(error: Error): string | null {
  if (!("code" in error) || typeof error.code !== "string") return null;
  return NETWORK_CODE.test(error.code) ? error.code : null;
}

function statusOf(error: Error): number | null {
  if (!("$metadata" in error)) return null;
  const metadata = error.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return null;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : null;
}
