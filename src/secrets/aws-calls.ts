import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
  type UpdateSecretVersionStageCommandInput,
} from "@aws-sdk/client-secrets-manager";
import { collectCapped } from "../cognito/capped-answers.ts";
import { nameOf, problemOf } from "../cognito/errors.ts";
import { refuseInClear } from "../cognito/in-clear.ts";
import type { SourceProblem } from "../cognito/source.ts";

const CALL_TIMEOUT_MS = 10_000;
/** Between three tries; longer outages are the caller's. */
const RETRY_WAITS_MS: readonly number[] = [500, 2_000];

export interface CallLimits {
  /** 10 seconds unless given. */
  callTimeoutMs?: number;
  retryWaitsMs?: readonly number[];
}

export type CallName =
  | "CreateSecret"
  | "PutSecretValue"
  | "UpdateSecretVersionStage"
  | "GetSecretValue"
  | "DescribeSecret";

export interface CallFailure {
  ok: false;
  call: CallName;
  problem: SourceProblem["problem"] | "no_region";
  /** AWS's error name, or the network's code. */
  code: string;
}
export type CallAnswer<T> = { ok: true; value: T } | CallFailure;

/** On the version that Spillway wrote last. One label for all writes: those that were overtaken do not pile up. */
const WRITTEN = "spillway-written";
const CURRENT = "AWSCURRENT";

/** What a write says. With one `token`, a UUID that becomes the version's id, it takes effect once however often sent. */
export interface Version {
  name: string;
  text: string;
  token: string;
}

/** What a new secret has beside its value. */
export interface Label {
  description: string;
  /** Value of its tag `spillway`. */
  tag: string;
}

/** The version that readers get. */
export interface Current {
  versionId: string | null;
  /** Null for a value that is not text. */
  text: string | null;
}

export interface SecretsManagerCalls {
  create(version: Version, label: Label): Promise<CallAnswer<null>>;
  /** Adds the version to a secret. Nobody reads it yet, unless it is the first one. */
  add(version: Version): Promise<CallAnswer<null>>;
  /** Refused where another version than `over` is current by now; null: where any is. */
  makeCurrent(version: Version, over: string | null): Promise<CallAnswer<null>>;
  /** AWS deletes a version that has no label. */
  giveUp(version: Version): Promise<CallAnswer<null>>;
  get(name: string): Promise<CallAnswer<Current>>;
  isDeleted(name: string): Promise<CallAnswer<boolean>>;
}

/** Single calls of AWS Secrets Manager. Region, credentials and endpoint are found by the AWS SDK itself. */
export function createCalls(limits: CallLimits = {}): SecretsManagerCalls {
  const client = createClient(limits.callTimeoutMs ?? CALL_TIMEOUT_MS);

  const ask = async <T>(call: CallName, send: () => Promise<T>): Promise<CallAnswer<T>> => {
    if (!(await hasRegion(client))) return { ok: false, call, problem: "no_region", code: "NoRegion" };
    return askPatiently(call, send, limits.retryWaitsMs ?? RETRY_WAITS_MS);
  };

  const moveLabel = (label: UpdateSecretVersionStageCommandInput) =>
    ask("UpdateSecretVersionStage", async () => {
      await client.send(new UpdateSecretVersionStageCommand(label));
      return null;
    });

  return {
    add: ({ name, text, token }) =>
      ask("PutSecretValue", async () => {
        const input = { SecretId: name, SecretString: text, ClientRequestToken: token };
        await client.send(new PutSecretValueCommand({ ...input, VersionStages: [WRITTEN] }));
        return null;
      }),
    makeCurrent: ({ name, token }, over) =>
      moveLabel({
        SecretId: name,
        VersionStage: CURRENT,
        MoveToVersionId: token,
        ...(over !== null && { RemoveFromVersionId: over }),
      }),
    giveUp: ({ name, token }) =>
      moveLabel({ SecretId: name, VersionStage: WRITTEN, RemoveFromVersionId: token }),
    create: ({ name, text, token }, { description, tag }) =>
      ask("CreateSecret", async () => {
        const input = { Name: name, SecretString: text, ClientRequestToken: token, Description: description };
        await client.send(new CreateSecretCommand({ ...input, Tags: [{ Key: "spillway", Value: tag }] }));
        return null;
      }),
    get: (name) =>
      ask("GetSecretValue", async () => {
        const answer = await client.send(new GetSecretValueCommand({ SecretId: name }));
        return { versionId: answer.VersionId ?? null, text: answer.SecretString ?? null };
      }),
    isDeleted: (name) =>
      ask("DescribeSecret", async () => {
        const answer = await client.send(new DescribeSecretCommand({ SecretId: name }));
        return answer.DeletedDate !== undefined;
      }),
  };
}

function createClient(timeoutMs: number): SecretsManagerClient {
  const client = new SecretsManagerClient({
    // Each try is ours: the SDK's own would not keep to the limits.
    maxAttempts: 1,
    retryMode: "standard",
    streamCollector: collectCapped,
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      // An answer that stalls after its headers is not under the request's timeout.
      socketTimeout: timeoutMs,
      // Without it the SDK only logs a warning.
      throwOnRequestTimeout: true,
    },
  });
  // It shows requests and answers to a logger.
  client.middlewareStack.remove("loggerMiddleware");
  client.middlewareStack.add(
    (next) => (call) => {
      refuseInClear(call.request);
      return next(call);
    },
    { step: "finalizeRequest", name: "refuseInClear", priority: "high" },
  );
  return client;
}

/** The SDK throws a bare Error without a region: it is found out before, so that other Errors stay defects. */
async function hasRegion(client: SecretsManagerClient): Promise<boolean> {
  try {
    return (await client.config.region()) !== "";
  } catch {
    return false;
  }
}

async function askPatiently<T>(
  call: CallName,
  send: () => Promise<T>,
  waitsMs: readonly number[],
): Promise<CallAnswer<T>> {
  for (let tries = 0; ; tries += 1) {
    const answer = await askOnce(call, send);
    const waitMs = waitsMs[tries];
    if (waitMs === undefined || answer.ok || !isPassing(answer)) return answer;
    await sleep(waitMs);
  }
}

async function askOnce<T>(call: CallName, send: () => Promise<T>): Promise<CallAnswer<T>> {
  try {
    return { ok: true, value: await send() };
  } catch (error) {
    const problem = problemOf(error, false);
    // The message stays here: AWS's may quote the request.
    const name = error instanceof Error ? nameOf(error) : "Unknown";
    return { ok: false, call, problem: problem.problem, code: "code" in problem ? problem.code : name };
  }
}

function isPassing({ problem }: CallFailure): boolean {
  return problem === "slow_down" || problem === "unavailable";
}
