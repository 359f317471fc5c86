import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { say } from "../../src/commands/say.ts";
import { wrongUse } from "../../src/exit.ts";
import { passwordClient, withPasswords } from "../../test/doubles/pool/passwords.ts";
import { type Pool, poolOf } from "../../test/doubles/pool/pool.ts";
import { demoPool } from "../demo/pool.ts";
import { startWorld, type World } from "../demo/world.ts";
import { environmentText } from "./environment-text.ts";
import { guideText } from "./guide.ts";
import { isPlain, playgroundFile } from "./migration-file.ts";
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
  const world = await startWorld({ name: "playground", pool: withClient, file: playgroundFile(withClient) });
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
