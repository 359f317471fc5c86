import { onTestFinished } from "vitest";
import { createAwsStore } from "../../src/secrets/aws-store.ts";
import { Secret } from "../../src/secrets/secret.ts";
import type { KeptSecret, SecretStore, StoreAnswer } from "../../src/secrets/secret-store.ts";
import { stubAws } from "../cognito/rig.ts";
import { type SecretsManagerDouble, startSecretsManagerDouble } from "../doubles/secrets-manager/double.ts";
import type { OptionsWish } from "../doubles/secrets-manager/options.ts";

export const NAME = "eu-west-1_AbCdEfGhI/1h57kf5cpq17m0eml12example";
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
