import { AwsError } from "../shared/aws-error.ts";
import type { Options } from "./options.ts";

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
const SIGNED_AT_LEAST = ["host", "x-amz-date"];

export interface Caller {
  accessKey: string;
  /** Of the credential scope: the endpoint that the caller meant to call. */
  region: string;
}

/** Checks the form and scope of a SigV4 signature; the signature itself is not verified, as no secret is known here. */
export function authorize(headers: Headers, operation: string, options: Options): Caller {
  const header = headers.get("authorization");
  if (header === null)
    throw new AwsError("MissingAuthenticationTokenException", "Missing Authentication Token");
  const [, accessKey = "", day = "", region = "", service = "", signed = ""] =
    AUTHORIZATION.exec(header) ?? [];
  if (accessKey === "")
    throw new AwsError(
      "IncompleteSignatureException",
      "Authorization header is not a complete SigV4 header.",
    );
  checkScope(headers, day, service, signed.split(";"));
  if (options.accessKeys !== null && !options.accessKeys.includes(accessKey))
    throw new AwsError(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    );
  if (options.denied === operation)
    throw new AwsError(
      "AccessDeniedException",
      `User is not authorized to perform: cognito-idp:${operation} because no identity-based policy allows the action`,
    );
  return { accessKey, region };
}

function checkScope(headers: Headers, day: string, service: string, signedHeaders: string[]): void {
  if (service !== "cognito-idp")
    throw new AwsError(
      "InvalidSignatureException",
      "Credential should be scoped to correct service: 'cognito-idp'.",
    );
  const missing = SIGNED_AT_LEAST.find((name) => !signedHeaders.includes(name));
  if (missing !== undefined)
    throw new AwsError("InvalidSignatureException", `'${missing}' must be a 'SignedHeader'.`);
  if (!headers.get("x-amz-date")?.startsWith(day))
    throw new AwsError("InvalidSignatureException", "Date in Credential scope does not match X-Amz-Date.");
}
