import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Secret } from "../domain/secret.ts";
import {
  type CallFailure,
  type CallLimits,
  type Current,
  createCalls,
  type Label,
  type SecretsManagerCalls,
  type Version,
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

  async function look(name: string): Promise<StoreAnswer<Standing | null>> {
    const current = await currentOf(calls, name);
    if (!current.ok) return current;
    if (current.value === null) return { ok: true, value: null };
    const kept = parse(current.value.text, name);
    return kept.ok ? { ok: true, value: { kept: kept.value, versionId: current.value.versionId } } : kept;
  }

  return {
    async get(name) {
      const standing = await look(prefix + name);
      return standing.ok ? { ok: true, value: standing.value?.kept ?? null } : standing;
    },

    place: `AWS Secrets Manager under ${prefix}`,

    async check() {
      const text = JSON.stringify({ written_at: new Date().toISOString() });
      const version = { name: `${prefix}write-check`, text, token: randomUUID() };
      const current = await currentOf(calls, version.name);
      if (!current.ok) return current;
      const made = current.value === null ? await create(calls, version, CHECK) : null;
      if (made !== null && !made.ok) return made;
      // Also over a new one: only such a write needs every permission.
      const next = { ...version, token: randomUUID() };
      const written = await replace(calls, next, current.value?.versionId ?? version.token);
      return written.ok ? { ok: true, value: null } : written;
    },

    async put(name, { clientId, clientSecret, secretId }, over) {
      const standing = await look(prefix + name);
      if (!standing.ok) return standing;
      if ((standing.value?.kept.secretId ?? null) !== over) return { ok: true, value: "overtaken" };
      const text = JSON.stringify({
        client_id: clientId,
        client_secret: clientSecret.reveal(),
        secret_id: secretId,
      });
      const version = { name: prefix + name, text, token: randomUUID() };
      if (standing.value !== null) return replace(calls, version, standing.value.versionId);
      const created = await create(calls, version, KEPT);
      if (!created.ok) return created;
      // Somebody made it in between, or before without a value.
      return created.value ? { ok: true, value: "kept" } : replace(calls, version, null);
    },
  };
}

interface Standing {
  kept: KeptSecret;
  versionId: string | null;
}

/** Null without a value. */
async function currentOf(calls: SecretsManagerCalls, name: string): Promise<StoreAnswer<Current | null>> {
  const answer = await calls.get(name);
  if (answer.ok) return answer;
  if (answer.problem === "not_found") return { ok: true, value: null };
  return explained(calls, answer, name);
}

/** False where there is a secret of this name. */
async function create(
  calls: SecretsManagerCalls,
  version: Version,
  label: Label,
): Promise<StoreAnswer<boolean>> {
  const created = await calls.create(version, label);
  if (created.ok) return { ok: true, value: true };
  if (created.code === "ResourceExistsException") return { ok: true, value: false };
  return explained(calls, created, version.name);
}

/**
 * Over the version `over`, or not at all: AWS moves a label only from the version that is named, however long the writer
 * slept. What a refusal means is asked of the secret itself: an earlier try may have moved the label.
 */
async function replace(
  calls: SecretsManagerCalls,
  version: Version,
  over: string | null,
): Promise<StoreAnswer<"kept" | "overtaken">> {
  const added = await calls.add(version);
  if (!added.ok) return explained(calls, added, version.name);
  const moved = await calls.makeCurrent(version, over);
  if (moved.ok) return { ok: true, value: "kept" };
  const current = await calls.get(version.name);
  if (!current.ok) return explained(calls, moved, version.name);
  if (current.value.versionId === version.token) return { ok: true, value: "kept" };
  // Nothing hangs on it: a label that stays goes to the next write.
  await calls.giveUp(version);
  if (current.value.versionId !== over) return { ok: true, value: "overtaken" };
  return explained(calls, moved, version.name);
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
