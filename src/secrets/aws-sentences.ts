import { shellLine } from "../domain/shell-line.ts";
import type { CallFailure, CallName } from "./aws-calls.ts";

/** What each call needs in a policy (Secrets Manager API reference, "Required permissions"). */
const PERMISSIONS: Record<CallName, string> = {
  CreateSecret: "secretsmanager:CreateSecret and secretsmanager:TagResource",
  PutSecretValue: "secretsmanager:PutSecretValue",
  UpdateSecretVersionStage: "secretsmanager:UpdateSecretVersionStage",
  GetSecretValue: "secretsmanager:GetSecretValue",
  DescribeSecret: "secretsmanager:DescribeSecret",
};

/** What went wrong with the secret `name`, and what an operator can do. */
export function sentenceOf({ call, problem, code }: CallFailure, name: string): string {
  switch (problem) {
    case "no_region":
      return "AWS Secrets Manager needs a region; set AWS_REGION.";
    case "access_lost":
      return accessSentence(call, code, name);
    case "slow_down":
      return `AWS Secrets Manager does not answer (${code}); it throttles the account, try again in a while.`;
    case "unavailable":
      return `AWS Secrets Manager does not answer (${code}); check AWS_REGION, AWS's endpoint settings and the network.`;
    case "not_found":
    case "dead_token":
    case "refused":
      return refusalSentence(call, code, name);
  }
}

export function deletedSentence(name: string): string {
  return `The secret ${name} is scheduled for deletion; run \`${shellLine(["aws", "secretsmanager", "restore-secret", "--secret-id", name])}\`.`;
}

export function foreignSentence(name: string): string {
  return `The secret ${name} is not one of Spillway's; choose another prefix in SPILLWAY_SECRETS.`;
}

function accessSentence(call: CallName, code: string, name: string): string {
  if (code === "CredentialsProviderError")
    return "There are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
  if (code === "AccessDeniedException")
    return `AWS refuses ${call} for the secret ${name} (${code}); allow ${PERMISSIONS[call]} (docs/security.md).`;
  return `AWS Secrets Manager refuses the credentials (${code}); check them and their account.`;
}

function refusalSentence(call: CallName, code: string, name: string): string {
  switch (code) {
    case "DecryptionFailure":
    case "EncryptionFailure":
      return `AWS Secrets Manager cannot use the KMS key of the secret ${name} (${code}); check that the key is enabled.`;
    case "InvalidRequestException":
      return `AWS Secrets Manager refuses ${call} for the secret ${name} (${code}); see in its console whether it is being deleted, or belongs to another service.`;
    default:
      return `AWS Secrets Manager refuses ${call} for the secret ${name} (${code}); see this error in its API reference.`;
  }
}
