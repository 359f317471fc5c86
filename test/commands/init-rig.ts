import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Pool } from "../doubles/pool/pool.ts";
import { type Rig, startRig } from "./rig.ts";
import { type AtTerminal, startAtTerminal } from "./terminal.ts";

/** Somebody who is asked what a migration file needs. */

export const FILE = "new.json";

/** Both sides; of the pool's groups two are tenants. */
export async function rigWith(change: (pool: Pool) => void = () => undefined): Promise<Rig> {
  const rig = await startRig(30, {}, { providers: true });
  const tenant = (name: string) => ({ name, description: "", precedence: null, members: [] });
  rig.pool.groups.push(tenant("tenant-acme"), tenant("tenant-globex"));
  change(rig.pool);
  return rig;
}

/** Without anything to choose from but the attribute. */
export function bare(pool: Pool): void {
  Object.assign(pool, { groups: [], identityProviders: [], clients: [], mfa: "OFF" });
}

export function start(
  { folder, settings }: Rig,
  more: Record<string, string> = {},
  ...words: string[]
): AtTerminal {
  const env = { AWS_EC2_METADATA_DISABLED: "true", AWS_REGION: "eu-west-1", ...settings, ...more };
  return startAtTerminal(["init", ...(words.length > 0 ? words : [FILE])], folder, env);
}

/** Presses the keys once the question is there with its last line. */
export async function answer(terminal: AtTerminal, question: string, ...keys: string[]): Promise<string> {
  const shown = await terminal.shown(new RegExp(`\\? ${question}[^✔]*$`));
  terminal.press(...keys);
  return shown;
}

export const written = ({ folder }: Rig, name = FILE) => JSON.parse(readFileSync(join(folder, name), "utf8"));
export const times = (count: number, key: string) => Array.from({ length: count }, () => key);
