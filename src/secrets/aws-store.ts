import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Secret } from "../domain/secret.ts";
import {
  type CallAnswer,
  type CallFailure,
  type CallLimits,
  createCalls,
  type Label,
  type SecretsManagerCalls,
} from "./aws-calls.ts";
import { deletedSentence, foreignSentence, sentenceOf } from "./aws-sentences.ts";
import { jsonOf } from "./json.ts";
import type { KeptSecret, SecretStore, StoreAnswer, StoreProblem } from "./secret-store.ts";

const KEPT: Label = {
  description: "Client id and secret of an application, written by Spillway.",
  tag: "client-secret",
};
const CHECK: Label = {
  description: "Spillway writes here to prove that it may. It holds no secret.",
  tag: "write-check",
};

const valueSchema = z.object({ client_id: z.string(), client_secret: z.string(), secret_id: z.string() });

/** Secrets in AWS Secrets Manager, one each: `<prefix><name>`, JSON `{client_id, client_secret, secret_id}`. */
export function createAwsStore(prefix: string, limits?: CallLimits): SecretStore {
  const calls = createCalls(limits);

  async function get(name: string): Promise<StoreAnswer<KeptSecret | null>> {
    const answer = await calls.get(prefix + name);
    if (answer.ok) return parse(answer.value, prefix + name);
    if (answer.problem === "not_found") return { ok: true, value: null };
    return explained(calls, answer, prefix + name);
  }

  return {
    get,

    place: `AWS Secrets Manager under ${prefix}`,

    check() {
      const text = JSON.stringify({ written_at: new Date().toISOString() });
      return write(calls, `${prefix}write-check`, text, CHECK);
    },

    async put(name, { clientId, clientSecret, secretId }, over) {
      // AWS has no write that depends on what stands: looked at right before.
      const standing = await get(name);
      if (!standing.ok) return standing;
      if ((standing.value?.secretId ?? null) !== over) return { ok: true, value: "overtaken" };
      const value = { client_id: clientId, client_secret: clientSecret.reveal(), secret_id: secretId };
      const written = await write(calls, prefix + name, JSON.stringify(value), KEPT);
      return written.ok ? { ok: true, value: "kept" } : written;
    },
  };
}

async function write(
  calls: SecretsManagerCalls,
  name: string,
  text: string,
  label: Label,
): Promise<StoreAnswer<null>> {
  const version = { name, text, token: randomUUID() };
  let answer: CallAnswer<null> = await calls.put(version);
  if (!answer.ok && answer.problem === "not_found") answer = await calls.create(version, label);
  // Somebody else made it in between.
  if (!answer.ok && answer.code === "ResourceExistsException") answer = await calls.put(version);
  return answer.ok ? answer : explained(calls, answer, name);
}

/** AWS has one error for all that a secret's state forbids: only the secret itself tells of its deletion. */
async function explained(
  calls: SecretsManagerCalls,
  failure: CallFailure,
  name: string,
): Promise<StoreProblem> {
  if (failure.code === "InvalidRequestException") {
    const deleted = await calls.isDeleted(name);
    if (deleted.ok && deleted.value) return { ok: false, sentence: deletedSentence(name) };
  }
  return { ok: false, sentence: sentenceOf(failure, name) };
}

function parse(text: string | null, name: string): StoreAnswer<KeptSecret> {
  const parsed = valueSchema.safeParse(text === null ? null : jsonOf(text));
  if (!parsed.success) return { ok: false, sentence: foreignSentence(name) };
  const { client_id, client_secret, secret_id } = parsed.data;
  return {
    ok: true,
    value: { clientId: client_id, clientSecret: new Secret(client_secret), secretId: secret_id },
  };
}
