import { AwsError, invalidParameter } from "../shared/aws-error.ts";
import { permit } from "./authorize.ts";
import {
  createSecretInput,
  describeSecretInput,
  getSecretValueInput,
  putSecretValueInput,
  readInput,
  requiredToken,
  updateSecretVersionStageInput,
} from "./inputs.ts";
import type { Options } from "./options.ts";
import {
  addVersion,
  holderOf,
  moveLabel,
  type Secrets,
  type StoredSecret,
  type StoredVersion,
} from "./secrets.ts";

export interface Call {
  secrets: Secrets;
  options: Options;
  region: string;
  body: unknown;
  /** Tells the journal which secret the call is about. */
  about: (name: string) => void;
}

const exists = (message: string) => new AwsError("ResourceExistsException", message);
const invalidRequest = (message: string) => new AwsError("InvalidRequestException", message);

export const OPERATIONS: Readonly<Record<string, (call: Call) => unknown>> = {
  CreateSecret(call) {
    const input = readInput(createSecretInput, call.body);
    const { Name: name, SecretString: text, Description: description, Tags: tags } = input;
    call.about(name);
    permit("CreateSecret", name, call.options);
    if (tags.length > 0) permit("TagResource", name, call.options);
    const token = requiredToken(input.ClientRequestToken);
    if (call.options.deleted.includes(name))
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    const found = call.secrets.find(call.region, name);
    if (found !== null) return renderVersion(repeated(found, token, text), token);
    refuseWithoutKey("EncryptionFailure", call.options);
    const secret = call.secrets.add({ region: call.region, name, description, tags });
    addVersion(secret, token, text);
    return renderVersion(secret, token);
  },

  PutSecretValue(call) {
    const input = readInput(putSecretValueInput, call.body);
    const { SecretId, SecretString, ClientRequestToken, VersionStages } = input;
    call.about(SecretId);
    permit("PutSecretValue", SecretId, call.options);
    const token = requiredToken(ClientRequestToken);
    const secret = writable(SecretId, call);
    refuseWithoutKey("EncryptionFailure", call.options);
    if (secret.versions.has(token)) repeated(secret, token, SecretString);
    else addVersion(secret, token, SecretString, VersionStages);
    return {
      ...renderVersion(secret, token),
      VersionStages: [...(secret.versions.get(token)?.stages ?? [])],
    };
  },

  UpdateSecretVersionStage(call) {
    const input = readInput(updateSecretVersionStageInput, call.body);
    const { SecretId, VersionStage: label, RemoveFromVersionId: from, MoveToVersionId: to } = input;
    call.about(SecretId);
    permit("UpdateSecretVersionStage", SecretId, call.options);
    const secret = writable(SecretId, call);
    for (const id of [from, to]) if (id !== undefined && !secret.versions.has(id)) throw noSuchValue();
    const holder = holderOf(secret, label) ?? undefined;
    if (from !== undefined && from !== holder)
      throw invalidParameter(`The staging label ${label} is not attached to version ${from}.`);
    if (from === undefined && holder !== undefined && holder !== to)
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    if (label === "AWSCURRENT" && to === undefined)
      throw invalidParameter("You can't remove AWSCURRENT without moving it to another version.");
    moveLabel(secret, label, to ?? null);
    return { ARN: secret.arn, Name: secret.name };
  },

  GetSecretValue(call) {
    const { SecretId, VersionId, VersionStage } = readInput(getSecretValueInput, call.body);
    call.about(SecretId);
    permit("GetSecretValue", SecretId, call.options);
    const secret = usable(SecretId, call);
    const [id, version] = versionOf(secret, VersionId, VersionStage);
    refuseWithoutKey("DecryptionFailure", call.options);
    return {
      ...renderVersion(secret, id),
      SecretString: version.text,
      VersionStages: [...version.stages],
      CreatedDate: version.createdAtMs / 1_000,
    };
  },

  DescribeSecret(call) {
    const { SecretId } = readInput(describeSecretInput, call.body);
    call.about(SecretId);
    permit("DescribeSecret", SecretId, call.options);
    const secret = existing(SecretId, call);
    const isDeleted = call.options.deleted.includes(secret.name);
    return {
      ARN: secret.arn,
      Name: secret.name,
      Description: secret.description,
      Tags: secret.tags,
      CreatedDate: secret.createdAtMs / 1_000,
      DeletedDate: isDeleted ? Date.now() / 1_000 : undefined,
      VersionIdsToStages: Object.fromEntries(
        [...secret.versions].map(([id, { stages }]) => [id, [...stages]]),
      ),
    };
  },
};

function existing(id: string, { secrets, region }: Call): StoredSecret {
  const secret = secrets.find(region, id);
  if (secret !== null) return secret;
  throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

function usable(id: string, call: Call): StoredSecret {
  const secret = existing(id, call);
  if (!call.options.deleted.includes(secret.name)) return secret;
  throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}

function writable(id: string, call: Call): StoredSecret {
  const secret = usable(id, call);
  if (!call.options.managed.includes(secret.name)) return secret;
  throw invalidRequest("The secret is managed by another service.");
}

/** A write whose token is known already is the same write once more, or a refusal. */
function repeated(secret: StoredSecret, token: string, text: string): StoredSecret {
  const version = secret.versions.get(token);
  if (version === undefined)
    throw exists(`The operation failed because the secret ${secret.name} already exists.`);
  if (version.text !== text)
    throw exists(`You can't use ClientRequestToken ${token} because that value is already in use.`);
  return secret;
}

function versionOf(
  { versions }: StoredSecret,
  id: string | undefined,
  stage = id === undefined ? "AWSCURRENT" : undefined,
): [string, StoredVersion] {
  const found = [...versions].find(
    ([versionId, { stages }]) =>
      (id === undefined || versionId === id) && (stage === undefined || stages.has(stage)),
  );
  if (found !== undefined) return found;
  throw noSuchValue();
}

function noSuchValue(): AwsError {
  return new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret value.");
}

function renderVersion({ arn, name }: StoredSecret, id: string) {
  return { ARN: arn, Name: name, VersionId: id };
}

function refuseWithoutKey(name: "EncryptionFailure" | "DecryptionFailure", { keyDisabled }: Options): void {
  if (keyDisabled) throw new AwsError(name, "The KMS key is disabled.");
}
