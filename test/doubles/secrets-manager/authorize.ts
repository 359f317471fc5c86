import { AwsError } from "../shared/aws-error.ts";
import type { Options, Permission } from "./options.ts";

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$/;
const SIGNED_AT_LEAST = ["host", "x-amz-date"];

/** Checks form and scope of a SigV4 signature, not the signature itself, and answers the region it is for. */
export function authorize(headers: Headers, { accessKeys }: Options): string {
  const header = headers.get("authorization");
  if (header === null)
    throw new AwsError("MissingAuthenticationTokenException", "Missing Authentication Token");
  const [, accessKey = "", region = "", service = "", signed = ""] = AUTHORIZATION.exec(header) ?? [];
  if (accessKey === "")
    throw new AwsError(
      "IncompleteSignatureException",
      "Authorization header is not a complete SigV4 header.",
    );
  const isInScope = service === "secretsmanager";
  if (!isInScope || !SIGNED_AT_LEAST.every((name) => signed.split(";").includes(name)))
    throw new AwsError("InvalidSignatureException", "The request signature does not fit the request.");
  if (accessKeys !== null && !accessKeys.includes(accessKey))
    throw new AwsError(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    );
  return region;
}

/** Throws AccessDeniedException, with the caller's and the secret's names in its message as AWS has them. */
export function permit(permission: Permission, secret: string, { denied }: Options): void {
  if (!denied.includes(permission)) return;
  throw new AwsError(
    "AccessDeniedException",
    `User: arn:aws:iam::123456789012:user/spillway is not authorized to perform: secretsmanager:${permission} on resource: ${secret}`,
  );
}
