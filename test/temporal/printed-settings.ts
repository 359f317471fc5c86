import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeBlocks, page } from "../docs/pages.ts";
import type { Secured } from "../setup/secured-temporal.ts";

/**
 * The settings of docs/temporal.md with the values of a server here. That server's CA goes with them: a certificate at
 * Temporal Cloud is one that every machine trusts.
 */

const PAGE = page("docs/temporal.md");

/** Those of the block that exports this one. */
export function variablesWith(name: string, { settings }: Secured): Record<string, string> {
  const block = codeBlocks(PAGE, "sh").find((text) => text.includes(`export ${name}=`)) ?? "";
  const names = [...block.matchAll(/^export (\w+)=/gm)].map(([, one = ""]) => one);
  const values: Record<string, string> = { ...settings, TEMPORAL_NAMESPACE: "default" };
  return { ...authorityOf(settings), ...Object.fromEntries(names.map((one) => [one, values[one] ?? ""])) };
}

/** The profile, where the Temporal CLI looks for it. */
export function profileIn(home: string, { settings }: Secured): Record<string, string> {
  const values: Record<string, string | undefined> = {
    address: settings.TEMPORAL_ADDRESS,
    namespace: "default",
    api_key: settings.TEMPORAL_API_KEY,
  };
  const [profile = ""] = codeBlocks(PAGE, "toml");
  const path = join(home, ".config", "temporalio", "temporal.toml");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    profile.replace(/^(\w+) = ".*"$/gm, (_, key: string) => `${key} = "${values[key]}"`),
  );
  return { ...authorityOf(settings), XDG_CONFIG_HOME: join(home, ".config"), TEMPORAL_PROFILE: "cloud" };
}

function authorityOf({ TEMPORAL_TLS_SERVER_CA_CERT_PATH = "" }: Secured["settings"]) {
  return { TEMPORAL_TLS_SERVER_CA_CERT_PATH };
}
