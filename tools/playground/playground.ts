import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { say } from "../../src/commands/say.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { wrongUse } from "../../src/exit.ts";
import { passwordClient, withPasswords } from "../../test/doubles/pool/passwords.ts";
import { type Pool, poolOf } from "../../test/doubles/pool/pool.ts";
import { migrationFile } from "../demo/migration-file.ts";
import { demoPool } from "../demo/pool.ts";
import { startWorld, type World } from "../demo/world.ts";
import { environmentText } from "./environment-text.ts";
import { guideText } from "./guide.ts";
import { ownPeople } from "./own-people.ts";

export interface PlaygroundOptions {
  users: number;
  /** People of one's own, in place of made-up ones; null for none. */
  poolFile: string | null;
  /** Leaves the files. */
  keep: boolean;
}

const SEED = 1;
const OWNER_ONLY = 0o600;
/** Who can be mailed at once is mailed first, and the others wait for an approval. */
const CANARIES = 3;

/** Everything that Spillway runs against, until Ctrl-C, and how to try each part by hand. */
export async function playground({ users, poolFile, keep }: PlaygroundOptions): Promise<void> {
  const client = passwordClient();
  let pool: Pool;
  try {
    pool = poolFile === null ? withPasswords(demoPool(users, SEED), SEED) : poolOf(await ownPeople(poolFile));
  } catch (error) {
    return wrongUse(error);
  }
  const withClient = { ...pool, clients: [...pool.clients, client] };
  const world = await startWorld({ name: "playground", pool: withClient, file: fileOf(withClient) });
  if (!keep) process.once("exit", () => rmSync(world.folder, { recursive: true, force: true }));
  const environment = join(world.folder, "playground.env");
  const settings = { ...world.settings, ...bridgeSettings(pool, client.id) };
  await writeFile(environment, environmentText(settings), { mode: OWNER_ONLY });
  const person = someoneWithPassword(world.pool);
  // A password on a command line is seen by everybody on the machine.
  const signIn = join(world.folder, "sign-in.json");
  if (person !== null) await writeFile(signIn, JSON.stringify(person), { mode: OWNER_ONLY });
  say(guideText({ world, environment, signIn: person === null ? null : signIn }));
  await new Promise(() => undefined);
}

/** With reset mails of which a few wait to be looked at; the app client is the bridge's, and goes nowhere. */
function fileOf(pool: Pool): MigrationFile {
  const canary = pool.users
    .filter(isPlain)
    .slice(0, CANARIES)
    .map(({ sub }) => sub);
  const resets = { send: true, canary, unverified: "skip", acceptMfaLoss: true, perSecond: 5 } as const;
  const whole = migrationFile(pool);
  const { source, destination, pace } = whole;
  // A pool of somebody's own has no tenants, roles and providers to place.
  const isMadeUp = pool.identityProviders.length > 0;
  return { ...(isMadeUp ? whole : { source, destination, pace }), passwordResets: resets };
}

function isPlain({ status, enabled, attributes, password }: Pool["users"][number]): boolean {
  return status === "CONFIRMED" && enabled && attributes.email_verified === "true" && password !== undefined;
}

function bridgeSettings({ poolId }: Pool, clientId: string): Record<string, string> {
  return {
    SPILLWAY_BRIDGE_SECRETS: randomBytes(32).toString("hex"),
    SPILLWAY_BRIDGE_USER_POOL: poolId,
    SPILLWAY_BRIDGE_CLIENT_ID: clientId,
  };
}

function someoneWithPassword({ users }: World["pool"]): { email: string; password: string } | null {
  const found = users.findLast(isPlain);
  const email = found?.attributes.email;
  return found?.password === undefined || email === undefined ? null : { email, password: found.password };
}
