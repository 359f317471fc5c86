import { expect, onTestFinished } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { createAwsStore } from "../../src/secrets/aws-store.ts";
import type { KeptSecret, SecretStore, StoreAnswer } from "../../src/secrets/secret-store.ts";
import { stubAws } from "../cognito/rig.ts";
import { type SecretsManagerDouble, startSecretsManagerDouble } from "../doubles/secrets-manager/double.ts";
import type { OptionsWish } from "../doubles/secrets-manager/options.ts";

export const NAME = "eu-west-1_AbCdEfGhI/client_01EXAMPLE/1h57kf5cpq17m0eml12example";
export const DONE = { ok: true, value: null };

export function kept(value: string): KeptSecret {
  return { clientId: "client_01", clientSecret: new Secret(value), secretId: "secret_01" };
}

/** With the secret laid open, so that a test can compare it. */
export function shown(answer: StoreAnswer<KeptSecret | null>) {
  if (!answer.ok || answer.value === null) return answer;
  return { ...answer.value, clientSecret: answer.value.clientSecret.reveal() };
}

export interface AwsRig {
  double: SecretsManagerDouble;
  store: SecretStore;
}

/** A double and a store that reaches it through the real SDK; the double ends with the test. */
export async function startAwsRig(options: OptionsWish = {}, callTimeoutMs = 5_000): Promise<AwsRig> {
  const double = await startSecretsManagerDouble({ options });
  onTestFinished(() => double.close());
  stubAws({ AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_SECRETS_MANAGER: double.url });
  return { double, store: createAwsStore("spillway/", { callTimeoutMs, retryWaitsMs: [1, 5] }) };
}

/** Replaces whatever stands, as somebody who looks again when another one was quicker. */
export async function put(store: SecretStore, name: string, secret: KeptSecret): Promise<StoreAnswer<null>> {
  for (;;) {
    const standing = await store.get(name);
    if (!standing.ok) return standing;
    const answer = await store.put(name, secret, standing.value?.secretId ?? null);
    if (!answer.ok) return answer;
    if (answer.value === "kept") return { ok: true, value: null };
  }
}

/** The secret with this id. */
export function secretOf(id: string): KeptSecret {
  return { ...kept(`secret ${id}`), secretId: id };
}

/** What a worker that slept meets: another one was quicker, and its secret is the living one. */
export async function expectOnlyOverExpected(store: SecretStore): Promise<void> {
  expect(await store.put(NAME, secretOf("a"), null)).toEqual({ ok: true, value: "kept" });
  expect(await store.put(NAME, secretOf("late"), null)).toEqual({ ok: true, value: "overtaken" });
  expect(await store.put(NAME, secretOf("b"), "a")).toEqual({ ok: true, value: "kept" });
  expect(await store.put(NAME, secretOf("late"), "a")).toEqual({ ok: true, value: "overtaken" });
  expect(shown(await store.get(NAME))).toMatchObject({ secretId: "b", clientSecret: "secret b" });
}
