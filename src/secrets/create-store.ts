import { createFileStore } from "./file-store.ts";
import type { SecretStore } from "./secret-store.ts";
import type { SecretsSetting } from "./settings.ts";

/** The store that SPILLWAY_SECRETS names. Nothing is opened or asked before its first call. */
export async function createSecretStore(setting: SecretsSetting): Promise<SecretStore> {
  if (setting.kind === "file") return createFileStore(setting.path);
  // AWS's SDK takes its megabytes only where it is used.
  const { createAwsStore } = await import("./aws-store.ts");
  return createAwsStore(setting.prefix);
}
