import type { SecretsSetting } from "../settings.ts";
import { createAwsStore } from "./aws-store.ts";
import { createFileStore } from "./file-store.ts";
import type { SecretStore } from "./secret-store.ts";

/** The store that SPILLWAY_SECRETS names. Nothing is opened or asked before its first call. */
export function createSecretStore(setting: SecretsSetting): SecretStore {
  return setting.kind === "file" ? createFileStore(setting.path) : createAwsStore(setting.prefix);
}
